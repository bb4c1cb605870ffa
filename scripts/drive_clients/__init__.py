"""What scripts/drive-clients drives: one module a service, one function a kind of resource."""
