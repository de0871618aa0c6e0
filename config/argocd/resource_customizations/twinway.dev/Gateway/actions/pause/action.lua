obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["twinway.dev/paused"] = "true"
return obj
