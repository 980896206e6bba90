"""What Dagster loads. Nothing else belongs here."""

from weatherflick_assets.build import build_defs

defs = build_defs()
