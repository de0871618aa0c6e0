obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["twinway.dev/drain"] = "true"
return obj
