-- The same for all kinds of twinway.dev.
local function health(status, message)
  return {status = status, message = message}
end

local status = obj.status or {}
local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end
local function holds(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

if obj.metadata.deletionTimestamp ~= nil then
  return health("Progressing", "Deleting")
end
-- While it is paused nothing follows the spec, nor does the rest of the status.
if holds("Paused") then
  return health("Suspended", conditions.Paused.message)
end
if status.observedGeneration == nil or status.observedGeneration < obj.metadata.generation or conditions.Ready == nil then
  return health("Progressing", "Waiting for the operator")
end
if holds("Ready") then
  return health("Healthy", conditions.Ready.message)
end
if holds("Stalled") then
  return health("Degraded", conditions.Stalled.message)
end
-- What somebody asked for is no failure.
if holds("Draining") or conditions.Ready.reason == "ScaledToZero" then
  return health("Suspended", conditions.Ready.message)
end
if holds("Reconciling") or conditions.Ready.status == "Unknown" then
  return health("Progressing", conditions.Ready.message)
end
return health("Degraded", conditions.Ready.message)
