"""A local Segmind for this machine: speaks v2, misbehaves on request, records every call. No Django."""
