-- How Argo CD sees a resource of Xizmat, from the conditions that its operator writes. One script for every kind.
-- Argo gives a script neither `string` nor `math`: nothing here needs them.
local judged = {}

-- Kept by the operator while cases run on it; it has no conditions, for nothing about it can fail.
if obj.kind == "ServiceRevision" then
  judged.status = "Healthy"
  judged.message = "Kept while cases run on it."
  if obj.status ~= nil and obj.status.openCases ~= nil then
    judged.message = "Open cases: " .. obj.status.openCases .. "."
  end
  return judged
end

local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end
local function holds(name)
  return conditions[name] ~= nil and conditions[name].status == "True"
end
local function fails(name)
  return conditions[name] ~= nil and conditions[name].status == "False"
end
local function say(health, name)
  judged.status = health
  judged.message = conditions[name].message
  if judged.message == nil or judged.message == "" then
    judged.message = conditions[name].reason
  end
  return judged
end

-- A person keeps the operator away: nothing goes on, however long one waits.
if holds("Paused") then
  return say("Suspended", "Paused")
end
if conditions.Ready == nil or (status.observedGeneration or 0) < (obj.metadata.generation or 0) then
  judged.status = "Progressing"
  judged.message = "The operator has not looked at it yet."
  return judged
end
-- It waits for a person: its author, or who mends its host. What ran before keeps running.
if holds("Stalled") then
  return say("Degraded", "Ready")
end
-- The new revision does worse than the old one; the operator took it back, or stopped.
if fails("RolloutHealthy") then
  return say("Degraded", "RolloutHealthy")
end
if not holds("Ready") then
  return say("Progressing", "Ready")
end
say("Healthy", "Ready")
-- Whether officers approved it is no matter of the cluster's: it is said, and nothing waits for it.
if conditions.Approved ~= nil then
  say("Healthy", "Approved")
end
return judged
