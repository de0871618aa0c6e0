-- Not removed: an object that is left with no annotation would not change.
obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["twinway.dev/paused"] = "false"
return obj
