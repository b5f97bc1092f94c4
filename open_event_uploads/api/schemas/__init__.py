"""Resource schemas, one module a resource."""
