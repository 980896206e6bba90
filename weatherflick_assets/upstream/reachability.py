"""Whether a host can be reached, without a call that counts: a HEAD for its root, without a key.

No quota counts it, because it names no service. Whatever the host answers, it is there.
"""

import aiohttp

from weatherflick_assets.upstream.client import USER_AGENT
from weatherflick_assets.upstream.proxies import ProxyError, proxy_for

_SECONDS = 5


async def why_unreachable(base_url: str) -> str | None:
    """Why a host does not answer, in a sentence; None if it does."""
    try:
        async with (
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=_SECONDS), headers={"User-Agent": USER_AGENT}
            ) as session,
            session.head(base_url, proxy=proxy_for(base_url), allow_redirects=False),
        ):
            return None
    except ProxyError as error:
        return str(error)
    except TimeoutError:
        return f"It did not answer within {_SECONDS} seconds."
    except (aiohttp.ClientError, OSError) as error:
        return f"It could not be reached ({type(error).__name__})."  # the text may hold the proxy's password
