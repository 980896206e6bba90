"""What has no rows has no score, and where no value was judged there is no share."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_SCORE = "weight of the rules that hold as a share of the weight of those that apply, 0 to 100"
_SHARE = "share of the values judged that are as expected, 0 to 1"


def upgrade() -> None:
    run = op.get_bind().exec_driver_sql
    run("ALTER TABLE quality.verdicts ALTER COLUMN score DROP NOT NULL")
    run("UPDATE quality.verdicts SET score = NULL WHERE row_count = 0 AND passed")
    run("UPDATE quality.rule_results SET observed_share = NULL WHERE judged_count = 0")
    run(f"COMMENT ON COLUMN quality.verdicts.score IS '{_SCORE}; null if there are no rows'")
    run(f"COMMENT ON COLUMN quality.rule_results.observed_share IS '{_SHARE}; null where none were'")


def downgrade() -> None:
    run = op.get_bind().exec_driver_sql
    run("UPDATE quality.verdicts SET score = 100 WHERE score IS NULL")
    run("ALTER TABLE quality.verdicts ALTER COLUMN score SET NOT NULL")
    run("UPDATE quality.rule_results SET observed_share = 1 WHERE judged_count = 0")
    run(f"COMMENT ON COLUMN quality.verdicts.score IS '{_SCORE}'")
    run(f"COMMENT ON COLUMN quality.rule_results.observed_share IS '{_SHARE}; also where it passed'")
