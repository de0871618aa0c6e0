-- What the annotations do not already ask for.
local annotations = obj.metadata.annotations or {}
local paused = annotations["twinway.dev/paused"] == "true"
local drained = annotations["twinway.dev/drain"] == "true"
return {
  pause = {disabled = paused},
  resume = {disabled = not paused},
  drain = {disabled = drained},
  undrain = {disabled = not drained},
}
