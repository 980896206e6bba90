"""Writes docs/alerts.md: what can go wrong, who hears of it and when, and how the channels are set.

The kinds and the hearing are taken from their declarations; a test compares the page with them. Run it with `make docs`.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from weatherflick_assets.alerts.incidents import GONE
from weatherflick_assets.alerts.kinds import GRAVEST_FIRST, KINDS, RUN_FAILED
from weatherflick_assets.alerts.outbox import CLAIMED_FOR, LONGEST_DISTANCE, MOST_AT_ONCE, SHORTEST_DISTANCE, TOO_OLD
from weatherflick_assets.alerts.routing import ANYONE, DIGEST_AT, HEARINGS, QUIET_FROM, QUIET_UNTIL
from weatherflick_assets.alerts.store import INCIDENTS_KEPT

PAGE = Path(__file__).parents[1] / "docs" / "alerts.md"

_QUIET = RUN_FAILED.quiet // timedelta(hours=1)

_INTRODUCTION = f"""\
# Incidents and alerts

What goes wrong is an incident, a row of `ops.incidents`: what happened to what, since when, how often, why, and what to do. Of a
kind and subject, at most one incident is open. It is closed when it works again, or when its subject is gone (`{GONE}`).
`weatherflick status` lists what is open, and so does the page of the asset `operations/incidents` in the UI. The page is written
from the declarations by `make docs`.

The sensor `notice_incidents` looks once a minute at the runs and checks since its last look, and at the state of quotas, keys,
freshness, schedules, sensors, the disk and the channels. How far it has come is written in the transaction that writes the
incidents and the messages about them, so a look that is broken off leaves nothing and is made again. Runs of commands open no
incidents: whoever gave the command has read how it ended. Their successes close incidents. Automatic retries are not told before
the last one has failed. A run that a gate, a spent quota or a refused key has stopped is no incident of its own, because the
check, the quota or the key is one.

What comes and goes is one incident. One that begins again within {_QUIET} hours of its end is open again, with a count. That is
told once. From then on it is over only when its subject has worked for {_QUIET} hours, and that is told once, too. So however
often something comes and goes, nobody gets more than four messages about it.

An incident that nothing shows to be over, such as a failed run of a job that is not run any more, is closed by
`weatherflick alerts close NUMBER`. Incidents are kept for {INCIDENTS_KEPT.days} days after they are over.

## Kinds
"""

_CHANNELS = f"""\
The quiet time is from {QUIET_FROM:%H:%M} to {QUIET_UNTIL:%H:%M}, and the digest is written at {DIGEST_AT:%H:%M}, in Korean time.
The digest of an owner names every incident of theirs that is open, whatever its severity, and the warnings that were over since
the last one. Where there is nothing to say, there is none. All of this is declared in `alerts/routing.py`.

## Channels

| variable | holds |
|---|---|
| `SLACK_BOT_TOKEN`, `SLACK_CHANNEL` | a bot's token (`xoxb-…`, with the scope `chat:write`), and the name or id of the channel that it was invited to |
| `ALERT_URLS` | addresses of [apprise](https://appriseit.com/services/), separated by commas, blanks or lines: mail, SMS, KakaoTalk, LINE, webhooks and many more |
| `WEATHERFLICK_UI_URL` | the address of the UI for links to runs; `weatherflick up` uses its own where it is not set |
| `SLACK_BASE_URL` | the Web API where it is not `https://slack.com/api/` |

`weatherflick alerts test` sends a message through every channel and says which work. Its exit code is 1 if one does not. Without
a channel, incidents and messages are recorded all the same, and `weatherflick status` says that nobody is told.

Examples of addresses, with what is special in a password percent-encoded (`@` is `%40`, `/` is `%2F`):

| for | address |
|---|---|
| mail | `mailtos://user:password@smtp.gmail.com?to=oncall@example.org` |
| mail through a server of one's own | `mailtos://user:password@mail.example.org:587?from=alerts@example.org&to=oncall@example.org` |
| SMS through AWS | `sns://ACCESS_KEY/SECRET_KEY/ap-northeast-2/+821012345678` |
| SMS through Twilio | `twilio://ACCOUNT_SID:AUTH_TOKEN@15551234567/+821012345678?overflow=truncate` |
| SMS through Vonage | `vonage://API_KEY:API_SECRET@15551234567/+821012345678?overflow=truncate` |
| KakaoTalk | `kakaotalk://REST_API_KEY/REFRESH_TOKEN` |
| LINE | `line://CHANNEL_ACCESS_TOKEN/USER_ID` |
| a webhook that takes JSON | `jsons://hooks.example.org/path` |

Before an address may stand who hears of what there: a severity (that one and graver ones) and owners. Without it, a channel
hears everything. This sends a text message for what is critical, and a mail for errors of the data platform:

```sh
ALERT_URLS='critical=twilio://…, error,team:data-platform=mailtos://…'
```

## How messages are sent

- A message (`ops.messages`) is written in the transaction that opens or closes its incident. Repeats are counted and held back;
  the end says how often it happened.
- The sensor `send_messages` sends outside of runs, every half minute. What waits for a channel is sent together, at most
  {MOST_AT_ONCE} messages at a time. What becomes of each is in `ops.deliveries`.
- Of an incident only the last message that waits is sent. Its end tells its beginning, too.
- A channel that fails is left alone for {SHORTEST_DISTANCE.seconds // 60} minute, then twice as long each time, up to
  {LONGEST_DISTANCE.seconds // 60} minutes, or as long as it asks. It costs the other channels nothing. After three failures that
  is an incident, too. A message that could not be sent for {TOO_OLD.days} days is too old, and is not sent any more.
- Each message is sent at least once. A sender that is killed after it has sent and before it has noted that sends again
  {CLAIMED_FOR.seconds // 60} minutes later, and so does one whose channel did not answer in time. The message then says that it
  may have been sent before. A person who reads a thing twice loses a minute, and one who never hears of it a day.
- Tokens, passwords and addresses are in no table, log or message. A channel is called by its service and host there.
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join((_INTRODUCTION, *_kinds(), *_hearing(), _CHANNELS))


def _kinds() -> Iterator[str]:
    yield "| kind | severity | what happened | what to do | it is over when |"
    yield "|---|---|---|---|---|"
    for kind in KINDS.values():
        happened = kind.told("*subject*")
        yield f"| `{kind.name}` | {kind.severity} | {happened} | {kind.remedy} | {kind.closes} |"
    yield ""


def _hearing() -> Iterator[str]:
    yield "## Who hears of it, and when\n"
    yield "| owner | " + " | ".join(GRAVEST_FIRST) + " |"
    yield "|---|" + "---|" * len(GRAVEST_FIRST)
    for owner in dict.fromkeys(rule.owner for rule in HEARINGS):
        when = {rule.severity: rule.when for rule in reversed(HEARINGS) if rule.owner == owner}
        who = "anyone" if owner == ANYONE else owner
        yield f"| {who} | " + " | ".join(when.get(severity, "as anyone") for severity in GRAVEST_FIRST) + " |"
    yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
