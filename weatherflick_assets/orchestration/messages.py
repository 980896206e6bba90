"""The sensor that sends messages about incidents, and Slack as a Dagster resource. Runs send nothing.

What is sent to whom is decided in `alerts/`. Tokens and addresses are read from the environment when something is sent. They
are not Dagster configuration, because Dagster would store them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dagster as dg

from weatherflick_assets.alerts.channels import NO_CHANNEL, addresses_of, names_of, slack_of
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import KST, Clock, Settings, now

if TYPE_CHECKING:
    from weatherflick_assets.alerts.channels import Channel
    from weatherflick_assets.alerts.sending import Sent


def channels(settings: Settings) -> Sequence["Channel"]:
    """The channels that the environment declares; errors as of `names_of`."""
    access, addresses = slack_of(settings), addresses_of(settings)
    found: list[Channel] = []
    if access is not None:
        from weatherflick_assets.alerts.by_slack import SlackChannel
        from weatherflick_assets.orchestration.slack import SlackAt

        slack = SlackAt(token=access.token.get_secret_value(), base_url=access.base_url)
        found.append(SlackChannel(slack.get_client(), access.channel))
    if addresses:
        from weatherflick_assets.alerts.by_apprise import AppriseChannel

        found += map(AppriseChannel, addresses)
    return found


def send_messages(clock: Clock = now) -> dg.SensorDefinition:
    """The sensor; `clock`: the time."""

    @dg.sensor(
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=30,
        description=(
            "Sends the messages that wait (ops.messages) to Slack and the addresses of ALERT_URLS. What can't be sent is tried "
            "again for three days, after longer and longer pauses. `weatherflick alerts test` tries the channels."
        ),
    )
    def send_messages(warehouse: WarehouseResource) -> dg.SkipReason:
        from weatherflick_assets.alerts.sending import send_due

        settings = Settings()  # type: ignore[call-arg]
        names = names_of(settings)
        sent = send_due(warehouse.dsn, lambda: channels(settings), settings.ui_url, clock)
        if not names:
            return dg.SkipReason(NO_CHANNEL)
        return dg.SkipReason(" ".join(map(_told, sent)) or "Nothing waits.")

    return send_messages


def _told(sent: "Sent") -> str:
    if sent.problem is None:
        return f"{sent.channel}: {sent.messages} sent."
    again = f" It is tried again at {sent.next_attempt_at.astimezone(KST):%H:%M}." if sent.next_attempt_at else ""
    return f"{sent.channel}: {sent.messages} could not be sent: {sent.problem}{again}"
