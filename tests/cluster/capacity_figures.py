"""Makes figures of two readings of `capacity_readings.py`, and prints them."""
from capacity_readings import AGENTS, CONTROL_PLANE

# What one node of the size that is spoken of has.
NODE_MB = 16_000
# Played: the real ones are elsewhere.
NOT_OURS = ("counterparts",)


def figures(before, after):
    """Memory at the end, processor between the two; pods that came meanwhile have no beginning."""
    seconds = after["at"] - before["at"]
    roles, restarts, changed = {}, {}, 0
    for uid, pod in after["pods"].items():
        begin = before["pods"].get(uid)
        changed += begin is None
        of = roles.setdefault(pod["role"], {"working_set_mb": [], "anonymous_mb": [], "processor_m": []})
        of["working_set_mb"].append(pod["working_set"] / 1e6)
        of["anonymous_mb"].append(pod["anonymous"] / 1e6)
        of["processor_m"].append((pod["processor"] - begin["processor"] if begin else pod["processor"]) / seconds * 1000)
        if pod["restarts"]:
            restarts[pod["role"]] = restarts.get(pod["role"], 0) + pod["restarts"]
    roles = {role: {"pods": len(of["processor_m"]), **{what: spread(values) for what, values in of.items()}} for role, of in roles.items()}
    beside = {}
    for program, now in after["processes"].items():
        begin = before["processes"].get(program, {"processor": 0.0})["processor"]
        beside[program] = {"processes": now["processes"], "memory_mb": now["memory"] / 1e6, "anonymous_mb": now["anonymous"] / 1e6,
                           "processor_m": (now["processor"] - begin) / seconds * 1000}
    ours = {role: of for role, of in roles.items() if role not in NOT_OURS}

    def of_pods(what):
        return sum(of[what]["sum"] for of in ours.values())

    def of_programs(what, *programs):
        return sum(beside[program][what] for program in programs if program in beside)
    node, control = of_pods("working_set_mb") + of_programs("memory_mb", *AGENTS), of_programs("memory_mb", *CONTROL_PLANE)
    sums = {"pods": sum(of["pods"] for of in ours.values()), "pods_mb": of_pods("working_set_mb"), "pods_anonymous_mb": of_pods("anonymous_mb"),
            "node_mb": node, "with_control_plane_mb": node + control,
            "with_postgresql_mb": node + control + of_programs("memory_mb", "postgres"),
            "pods_processor_m": of_pods("processor_m"), "agents_processor_m": of_programs("processor_m", *AGENTS),
            "control_plane_processor_m": of_programs("processor_m", *CONTROL_PLANE), "postgresql_processor_m": of_programs("processor_m", "postgres")}
    return {"seconds": seconds, "roles": roles, "beside": beside, "sums": sums, "restarts": restarts, "pods_that_came": changed}


def traffic(before, after, held, operator):
    seconds = after["at"] - before["at"]

    def rates(end, begin, most=None):
        grown = {name: (value - begin.get(name, 0)) / seconds for name, value in end.items()}
        ordered = sorted(((name, rate) for name, rate in grown.items() if rate > 0), key=lambda one: -one[1])
        return dict(ordered[:most])
    bus, was = after["bus"], before["bus"]
    by_name = {}
    for name, sums in bus["by_name"].items():
        begin = was["by_name"].get(name, {})
        by_name[name] = {"connections": sums["connections"], "subscriptions": sums["subscriptions"],
                         **{f"{what}_a_second": max(0, sums[what] - begin.get(what, 0)) / seconds for what in ("said", "heard", "bytes_heard")}}
    asked = rates(after["requests"], before["requests"])
    return {
        "postgresql": {"looks": len(held.seen), "held": held.figures(), "opened_a_second": rates(after["sql"]["sessions"], before["sql"]["sessions"]),
                       "transactions_a_second": rates(after["sql"]["transactions"], before["sql"]["transactions"])},
        "nats": {"connections": bus["connections"], "subscriptions": bus["subscriptions"], "memory_mb": bus["mem"] / 1e6, "consumers": bus["consumers"],
                 "by_name": by_name, "messages_in_a_second": (bus["in_msgs"] - was["in_msgs"]) / seconds,
                 "bytes_out_a_second": (bus["out_bytes"] - was["out_bytes"]) / seconds},
        "requests": {"a_second": sum(asked.values()), "most": dict(list(asked.items())[:8]),
                     "of_operator_a_second": sum(operator.values()) / seconds,
                     "of_operator": {name: number / seconds for name, number in operator.most_common(8)}},
    }


def spread(values):
    return {"mean": sum(values) / len(values), "most": max(values), "sum": sum(values)}


def show(name, phase):
    services, hosts = phase["services"], phase["hosts"]
    print(f"\n{name}: {services} services in {hosts} hosts of two copies, {phase['seconds']:.0f} s at rest", flush=True)
    print(f"{'':<26}{'pods':>5}{'working set MB':>24}{'anonymous MB':>24}{'processor m':>24}")
    print(f"{'':<31}" + f"{'mean':>8}{'most':>8}{'sum':>8}" * 3)
    for role, of in sorted(phase["roles"].items()):
        cells = "".join(f"{of[what][which]:>8.1f}" for what in ("working_set_mb", "anonymous_mb", "processor_m") for which in ("mean", "most", "sum"))
        print(f"{role:<26}{of['pods']:>5}{cells}")
    for program, of in sorted(phase["beside"].items()):
        print(f"{program:<26}{of['processes']:>5}{'':>16}{of['memory_mb']:>8.1f}{'':>16}{of['anonymous_mb']:>8.1f}{'':>16}{of['processor_m']:>8.1f}")
    sums = phase["sums"]
    print(f"on the node {sums['node_mb']:.0f} MB of {NODE_MB}; with the control plane {sums['with_control_plane_mb']:.0f}, "
          f"and PostgreSQL {sums['with_postgresql_mb']:.0f}")
    sql, bus, asked = phase["postgresql"], phase["nats"], phase["requests"]
    for who in sorted({*sql["held"], *sql["opened_a_second"]} - {"ourselves"}):
        held = sql["held"].get(who, {"mean": 0, "most": 0})
        print(f"PostgreSQL, {who}: {held['mean']:.1f} connections held, {held['most']} at most; {sql['opened_a_second'].get(who, 0):.2f} opened a second, "
              f"{sql['transactions_a_second'].get(who, 0):.2f} transactions")
    print(f"NATS: {bus['connections']} connections, {bus['subscriptions']} subscriptions, {bus['consumers']} consumers, {bus['memory_mb']:.1f} MB; "
          f"{bus['messages_in_a_second']:.1f} messages and {bus['bytes_out_a_second'] / 1000:.1f} kB out a second")
    for who, of in sorted(bus["by_name"].items()):
        print(f"NATS, {who}: {of['connections']} connections, {of['subscriptions']} subscriptions; says {of['said_a_second']:.2f}, "
              f"hears {of['heard_a_second']:.2f} messages and {of['bytes_heard_a_second'] / 1000:.2f} kB a second")
    print(f"API server: {asked['a_second']:.1f} requests a second, {asked['of_operator_a_second']:.1f} of them the operator's; "
          f"most: {in_words(asked['most'])}; operator: {in_words(asked['of_operator'])}")
    if phase["restarts"] or phase["pods_that_came"]:
        print(f"NOT AT REST: containers that restarted: {phase['restarts']}; pods that came meanwhile: {phase['pods_that_came']}")


def in_words(rates):
    return ", ".join(f"{name} {rate:.2f}" for name, rate in rates.items())


def costs(phase):
    """What can be counted of a whole platform, to tell two phases apart."""
    sql, bus = phase["postgresql"], phase["nats"]
    return {**phase["sums"], "nats_connections": bus["connections"], "nats_subscriptions": bus["subscriptions"], "nats_mb": bus["memory_mb"],
            "nats_messages_a_second": bus["messages_in_a_second"], "postgresql_opened_a_second": sum(sql["opened_a_second"].values()),
            "requests_a_second": phase["requests"]["a_second"]}
