"""Slack as Dagster has it, at any address. It imports slack_sdk, so this module is imported when something is sent."""

from dagster_slack import SlackResource
from slack_sdk.web import WebClient

from weatherflick_assets.alerts.by_slack import web_client
from weatherflick_assets.alerts.channels import SLACK_BASE_URL


class SlackAt(SlackResource):
    """Dagster's resource for Slack, with the address of the Web API and our limits of time."""

    base_url: str = SLACK_BASE_URL

    def get_client(self) -> WebClient:
        """A client of the workspace."""
        return web_client(self.token, self.base_url)
