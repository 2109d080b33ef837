"""Trials that need root: power cuts, failing disks and full ones (`make trials`, not part of `make test`)."""
