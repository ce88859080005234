"""Bills to fetch: an address that lives 30 seconds, and the file that lies there, unsigned (section 5.7)."""

from starlette.requests import Request
from starlette.responses import Response

from sandbox.alipay.bill_file import Day, archive
from sandbox.alipay.errors import BusinessRefusal
from sandbox.business_clock import Clock, beijing_moment
from sandbox.simulator.ledger import Ledger
from sandbox.simulator.shelf import Shelf

DAY_SECONDS = 86_400
READY_AFTER_SECONDS = 9 * 3_600
LIFE_REAL_SECONDS = 30.0


class Bills:
    """Makes bills of the books, by Beijing days, and hands each out at an address of its own."""

    def __init__(self, clock: Clock, ledger: Ledger, account: str) -> None:
        self._clock = clock
        self._ledger = ledger
        self._account = account
        self._shelf = Shelf(clock, LIFE_REAL_SECONDS)

    def offer(self, date: str) -> tuple[str, bool]:
        """Return the token of a day's bill and whether it is empty; BusinessRefusal BILL_NOT_EXIST before it is made."""
        now = self._clock.now()
        since = _midnight(date)
        until = since + DAY_SECONDS
        if now < until + READY_AFTER_SECONDS:
            raise BusinessRefusal("BILL_NOT_EXIST")
        movements = self._ledger.movements(since, until)
        day = Day(self._account, date.replace("-", ""), since, until, now)
        return self._shelf.put(archive(day, movements)), not movements

    async def download(self, request: Request) -> Response:
        """GET ``/bills/{token}``: the archive, or 404 once its address has lived long enough."""
        content = self._shelf.get(request.path_params["token"])
        if content is None:
            return Response("<html>文件不存在 no such file</html>", 404, media_type="text/html")
        return Response(content, media_type="application/zip")


def _midnight(date: str) -> float:
    try:
        return beijing_moment(f"{date} 00:00:00")
    except ValueError as error:
        raise BusinessRefusal("INVAILID_ARGUMENTS", f"bill_date: {error}") from error
