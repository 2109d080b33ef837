"""Every setting of the hall, read from the environment, with a default that works on a fresh machine."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import holidays
from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from hall.hours import Hours, read_spans
from hall.words import N_

QUEUE = re.compile(r"[^\s/#=-][^\s/#=]{0,126}")
HOUSE = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """The settings of one hall; each is an environment variable with the prefix HALL_.

    Raises pydantic.ValidationError when a value cannot be read.
    """

    model_config = SettingsConfigDict(env_prefix="HALL_", frozen=True, populate_by_name=True)

    code: str = Field("BJ", pattern=r"^[A-Z]{2,6}$", description="Code of this hall, part of case references.")
    time_zone: str = Field("Asia/Shanghai", description="Time zone of the hall; its service day ends here.")
    data_folder: Path = Field(HOUSE / "instance", description="Folder of the database, handbooks and mails.")
    opening_hours: str = Field("09:00-12:00 13:30-17:30", description="The hall's day in spans, in order.")
    holidays_of: str = Field("CN", description="Country whose holidays and make-up days the hall keeps.")
    closed_days: Annotated[tuple[date, ...], NoDecode] = Field((), description="Further closed days, by commas.")
    key_file: Path = Field(
        Path("~/.config/ip-service-hall/master.key"),
        description="Master key; must not lie in the folder of the database.",
    )
    database_url: str = Field(
        "",
        validation_alias=AliasChoices("DATABASE_URL", "HALL_DATABASE_URL", "database_url"),
        description="postgresql://… or sqlite:///…; empty: SQLite in the data folder.",
    )
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1", "localhost"), description="Host names answered, by commas; all others get 400."
    )
    proxies: int = Field(0, ge=0, le=3, description="Trusted reverse proxies in front of the hall.")
    listen_host: str = Field("127.0.0.1", description="Address the server listens on.")
    listen_port: int = Field(8000, ge=1, le=65535, description="Port the server listens on.")
    public_address: str = Field(
        default_factory=lambda known: f"http://127.0.0.1:{known.get('listen_port', 8000)}",
        description="Address that phones reach the hall by; printed as QR.",
    )
    telephone: str = Field("", max_length=80, description="Telephone of the hall, as handbooks print it.")
    address: str = Field("", max_length=200, description="Where the hall is, as handbooks print it.")
    server_workers: int = Field(1, ge=1, le=32, description="Server processes.")
    server_threads: int = Field(8, ge=1, le=128, description="Threads of each server process.")
    jobs: Literal["embedded", "apart", "off"] = Field(
        "embedded",
        description="Background work in the server process, in `flask hall work`, or none.",
    )
    open_to: Literal["everyone", "terminals"] = Field(
        "everyone", description="Who may take numbers and open cases: any browser or enrolled terminals."
    )
    mail_url: str = Field("", description="smtp://user:password@host:port; empty: mails stay in the data folder.")
    mail_from: str = Field("hall@localhost.localdomain", description="Sender of the hall's mails.")
    printers: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="CUPS queues that handbooks go to, by commas: one for all terminals, or NAME=QUEUE for each; "
        "empty: the browser prints.",
    )
    metrics_token: str = Field("", description="Bearer token for /metrics; empty: loopback only.")
    idle_seconds: int = Field(60, ge=20, le=3600, description="Quiet seconds before a terminal asks.")
    busy_seconds: float = Field(5.0, gt=0, le=60, description="Longest wait for the database before 503.")

    @field_validator("trusted_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("printers", mode="before")
    @classmethod
    def _split_printers(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("printers")
    @classmethod
    def _known_queues(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            if not QUEUE.fullmatch(part.rpartition("=")[2]):
                raise ValueError("the name of a CUPS queue holds no space, no / and no #")
        return value

    @field_validator("opening_hours")
    @classmethod
    def _in_order(cls, value: str) -> str:
        read_spans(value)
        return value

    @field_validator("holidays_of")
    @classmethod
    def _known_country(cls, value: str) -> str:
        if value not in holidays.list_supported_countries():
            raise ValueError("holidays_of is the code of a country, such as CN")
        return value

    @field_validator("closed_days", mode="before")
    @classmethod
    def _split_days(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        ZoneInfo(value)
        return value

    @field_validator("key_file", "data_folder")
    @classmethod
    def _at_home(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    def printer_of(self, terminal: str) -> str:
        """The CUPS queue of a terminal (its name); empty where the browser prints."""
        named = dict(part.rsplit("=", 1) for part in self.printers if "=" in part)
        return named.get(terminal) or next((part for part in self.printers if "=" not in part), "")

    @property
    def queues(self) -> tuple[str, ...]:
        """The CUPS queues of all terminals."""
        return tuple(dict.fromkeys(part.rpartition("=")[2] for part in self.printers))

    @property
    def reach(self) -> tuple[tuple[str, str], ...]:
        """How the hall is reached: labels (msgids) and what they name, as far as it is told."""
        known = ((N_("Telephone"), self.telephone), (N_("Address"), self.address))
        return tuple((label, value) for label, value in known if value)

    @property
    def zone(self) -> ZoneInfo:
        """The hall's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def hours(self) -> Hours:
        """When the hall is open."""
        return Hours(read_spans(self.opening_hours), self.holidays_of, self.zone, frozenset(self.closed_days))

    @property
    def database_folder(self) -> Path:
        """Folder that holds the SQLite files."""
        return self.data_folder / "database"

    @property
    def database_address(self) -> str:
        """The database's URL with SQLAlchemy's driver named."""
        if not self.database_url:
            return f"sqlite:///{self.database_folder / 'hall.db'}"
        scheme, _, rest = self.database_url.partition("://")
        return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else self.database_url

    @property
    def handbook_folder(self) -> Path:
        """Folder of the printed handbooks, kept by content hash."""
        return self.data_folder / "handbooks"

    @property
    def mail_folder(self) -> Path:
        """Folder of the mails when no mail server is set."""
        return self.data_folder / "mail"

    @property
    def is_https(self) -> bool:
        """Whether visitors reach the hall over TLS (cookies are then marked Secure)."""
        return urlsplit(self.public_address).scheme == "https"
