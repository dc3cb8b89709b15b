"""How long the operator's webhook takes to judge a definition of many steps, asked as the API server asks."""
import http.client
import json
import os
import ssl
import subprocess
import time

STEPS = 200


def definition():
    """As the API server hands it over: one form, then events one after another, and every tenth step a choice."""
    title = {"uz": "Qadam", "uz-Cyrl": "Қадам", "kaa": "Qádem", "ru": "Шаг", "en": "Step"}
    steps = [{"name": "apply", "form": "application", "next": "step-1"}]
    for number in range(1, STEPS - 1):
        after = f"step-{number + 1}" if number < STEPS - 2 else "granted"
        if number % 10 == 0:
            steps.append({"name": f"step-{number}", "decide": {"cases": [{"when": "size(data.subject) > 10", "next": after}], "otherwise": "granted"}})
        else:
            steps.append({"name": f"step-{number}", "emit": {"event": "step-taken"}, "next": after})
    steps.append({"name": "granted", "end": {"outcome": "granted"}})
    subject = {"type": "string", "minLength": 1, "maxLength": 100}
    page = {"name": "subject", "title": title, "fields": [{"at": "subject", "label": title, "input": "text"}]}
    return {
        "apiVersion": "xizmat.dev/v1alpha1", "kind": "ServiceDefinition", "metadata": {"name": "long", "namespace": "justice"},
        "spec": {
            "title": title, "summary": title, "agency": "justice", "lifeEvents": ["measuring"],
            "data": {"retention": {"cases": "30 days", "drafts": "1 day", "legalBasis": {"title": title}}, "schema": {"type": "object", "additionalProperties": False, "required": ["subject"], "properties": {"subject": subject}}},
            "forms": [{"name": "application", "pages": [page]}],
            "integration": {"events": [{"name": "step-taken", "title": title}]},
            "process": {"start": "apply", "steps": steps},
        },
    }


def certificate(folder):
    """The operator serves under what it finds there; nobody else has to believe it."""
    os.makedirs(folder, exist_ok=True)
    key, cert = os.path.join(folder, "tls.key"), os.path.join(folder, "tls.crt")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert], check=True, stderr=subprocess.DEVNULL)
    return cert


class Desk:
    def __init__(self, port, authority):
        self.port, self.context, self.kept = port, ssl.create_default_context(cafile=authority), None

    def ask(self, resource):
        """The verdict, and how long it took."""
        request = {"uid": "1", "operation": "CREATE", "name": "long", "namespace": "justice", "object": resource,
                   "kind": {"group": "xizmat.dev", "version": "v1alpha1", "kind": "ServiceDefinition"}}
        body = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})
        begun = time.monotonic()
        if self.kept is None:
            self.kept = http.client.HTTPSConnection("localhost", self.port, context=self.context, timeout=10)
        self.kept.request("POST", "/judge", body, {"Content-Type": "application/json"})
        answer = json.load(self.kept.getresponse())
        return answer["response"], time.monotonic() - begun

    def await_open(self, lives):
        while lives():
            try:
                return self.ask({})
            except (OSError, http.client.HTTPException):
                self.kept = None
                time.sleep(0.02)
        raise SystemExit("bench: the operator ended by itself; see operator.log")
