"""All tables of the hall.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "device",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("enrolment_hash", sa.String(), nullable=True),
        sa.Column("enrolment_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("enrolment_hash", name=op.f("uq_device_enrolment_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_device_token_hash")),
    )
    op.create_table(
        "event",
        sa.Column("hall", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("payload", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "seq", name=op.f("pk_event")),
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_case_id"), ["case_id"], unique=False)

    op.create_table(
        "event_head",
        sa.Column("hall", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("hall", name=op.f("pk_event_head")),
    )
    op.create_table(
        "failed_try",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("subject_hash", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_try")),
    )
    with op.batch_alter_table("failed_try", schema=None) as batch_op:
        batch_op.create_index("ix_failed_try_what_at", ["what", "at"], unique=False)

    op.create_table(
        "hall_case",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hall", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("request_hash", sa.String(), nullable=False),
        sa.Column("key_wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("rights", sa.String(), nullable=False),
        sa.Column("procedure", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("urgency_rule", sa.String(), nullable=False),
        sa.Column("urgency_reason", sa.String(), nullable=False),
        sa.Column("safe_date", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("conflict_status", sa.String(), nullable=False),
        sa.Column("consent_advisor", sa.Boolean(), nullable=False),
        sa.Column("consent_provider", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("look_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hall_case")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_hall_case_code_hash")),
        sa.UniqueConstraint("reference", name=op.f("uq_hall_case_reference")),
        sa.UniqueConstraint("request_hash", name=op.f("uq_hall_case_request_hash")),
    )
    with op.batch_alter_table("hall_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hall_case_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_hall_case_submitted_at"), ["submitted_at"], unique=False)

    op.create_table(
        "mail",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_message_id")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index("ix_mail_state_next_at", ["state", "next_at"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("counter", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "register_name",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("party_id", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_register_name")),
    )
    with op.batch_alter_table("register_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_register_name_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_name_hall"), ["hall"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_name_holder"), ["holder"], unique=False)

    op.create_table(
        "running_number",
        sa.Column("hall", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "series", name=op.f("pk_running_number")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hall", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("device_id", sa.String(), nullable=True),
        sa.Column("request_hash", sa.String(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("hall", "day", "series", "number", name=op.f("uq_ticket_hall_day_series_number")),
        sa.UniqueConstraint("request_hash", name=op.f("uq_ticket_request_hash")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_ticket_queue", ["hall", "day", "state", "window", "rank", "position"], unique=False)

    op.create_table(
        "case_deadline",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("raw", sa.Date(), nullable=True),
        sa.Column("rolled", sa.Date(), nullable=True),
        sa.Column("safe", sa.Date(), nullable=True),
        sa.Column("explained", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["hall_case.id"], name=op.f("fk_case_deadline_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_deadline")),
    )
    with op.batch_alter_table("case_deadline", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_deadline_case_id"), ["case_id"], unique=False)

    op.create_table(
        "conflict_search",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("names", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["hall_case.id"], name=op.f("fk_conflict_search_case_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_search")),
    )
    with op.batch_alter_table("conflict_search", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_search_case_id"), ["case_id"], unique=False)

    op.create_table(
        "fact",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asserted_kind", sa.String(), nullable=False),
        sa.Column("asserted_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["hall_case.id"], name=op.f("fk_fact_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fact_case_id"), ["case_id"], unique=False)

    op.create_table(
        "hall_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("device_id", sa.String(), nullable=True),
        sa.Column("case_id", sa.String(), nullable=True),
        sa.Column("data_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_hall_session_device_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_hall_session_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_hall_session")),
    )
    with op.batch_alter_table("hall_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hall_session_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "member",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("practice", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("firm_zh", sa.String(), nullable=False),
        sa.Column("firm_en", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("on_time_kept", sa.Integer(), nullable=False),
        sa.Column("on_time_missed", sa.Integer(), nullable=False),
        sa.Column("rated_good", sa.Integer(), nullable=False),
        sa.Column("rated_poor", sa.Integer(), nullable=False),
        sa.Column("insured", sa.Boolean(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_person_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("person_id", name=op.f("uq_member_person_id")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_kind"), ["kind"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("author_kind", sa.String(), nullable=False),
        sa.Column("author_id", sa.String(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["hall_case.id"], name=op.f("fk_message_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_case_id"), ["case_id"], unique=False)

    op.create_table(
        "party",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["hall_case.id"], name=op.f("fk_party_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
    )
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_party_case_id"), ["case_id"], unique=False)

    op.create_table(
        "person_grant",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_person_grant_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "role", "window", name=op.f("pk_person_grant")),
    )
    op.create_table(
        "ranking",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("explained", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["hall_case.id"], name=op.f("fk_ranking_case_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranking")),
    )
    with op.batch_alter_table("ranking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ranking_case_id"), ["case_id"], unique=False)

    op.create_table(
        "ticket_period",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("window", sa.String(), nullable=False),
        sa.Column("counter", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_period_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_period")),
    )
    with op.batch_alter_table("ticket_period", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_period_served", ["window", "state", "started_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_period_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(
            "uq_ticket_period_counter",
            ["counter"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND state IN ('called', 'serving')"),
            postgresql_where=sa.text("ended_at IS NULL AND state IN ('called', 'serving')"),
        )
        batch_op.create_index(
            "uq_ticket_period_open",
            ["ticket_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "conflict_decision",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("search_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["hall_case.id"], name=op.f("fk_conflict_decision_case_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["search_id"], ["conflict_search.id"], name=op.f("fk_conflict_decision_search_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_decision")),
    )
    with op.batch_alter_table("conflict_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_decision_case_id"), ["case_id"], unique=False)

    op.create_table(
        "conflict_hit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("search_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("register_seq", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("band", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["search_id"], ["conflict_search.id"], name=op.f("fk_conflict_hit_search_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_hit")),
    )
    with op.batch_alter_table("conflict_hit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conflict_hit_search_id"), ["search_id"], unique=False)

    op.create_table(
        "credential",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_credential_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
    )
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credential_member_id"), ["member_id"], unique=False)

    op.create_table(
        "member_facet",
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("facet", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("quality", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_member_facet_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "facet", "value", name=op.f("pk_member_facet")),
    )
    with op.batch_alter_table("member_facet", schema=None) as batch_op:
        batch_op.create_index("ix_member_facet_facet_value", ["facet", "value"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("case_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("override_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["hall_case.id"], name=op.f("fk_offer_case_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_offer_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_member_id"), ["member_id"], unique=False)
        batch_op.create_index("ix_offer_state_due_at", ["state", "due_at"], unique=False)
        batch_op.create_index(
            "uq_offer_assignment",
            ["case_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'advisor' AND state IN ('offered', 'declared', 'accepted')"),
            postgresql_where=sa.text("kind = 'advisor' AND state IN ('offered', 'declared', 'accepted')"),
        )
        batch_op.create_index(
            "uq_offer_member",
            ["case_id", "member_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('offered', 'declared', 'accepted')"),
            postgresql_where=sa.text("state IN ('offered', 'declared', 'accepted')"),
        )

    op.create_table(
        "ranking_eligible",
        sa.Column("ranking_id", sa.String(), nullable=False),
        sa.Column("member_id", sa.String(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_ranking_eligible_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["ranking_id"], ["ranking.id"], name=op.f("fk_ranking_eligible_ranking_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ranking_id", "member_id", name=op.f("pk_ranking_eligible")),
    )
    with op.batch_alter_table("ranking_eligible", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ranking_eligible_at"), ["at"], unique=False)


def downgrade() -> None:
    """Go back from this revision."""
    with op.batch_alter_table("ranking_eligible", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ranking_eligible_at"))

    op.drop_table("ranking_eligible")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_offer_member",
            sqlite_where=sa.text("state IN ('offered', 'declared', 'accepted')"),
            postgresql_where=sa.text("state IN ('offered', 'declared', 'accepted')"),
        )
        batch_op.drop_index(
            "uq_offer_assignment",
            sqlite_where=sa.text("kind = 'advisor' AND state IN ('offered', 'declared', 'accepted')"),
            postgresql_where=sa.text("kind = 'advisor' AND state IN ('offered', 'declared', 'accepted')"),
        )
        batch_op.drop_index("ix_offer_state_due_at")
        batch_op.drop_index(batch_op.f("ix_offer_member_id"))
        batch_op.drop_index(batch_op.f("ix_offer_case_id"))

    op.drop_table("offer")
    with op.batch_alter_table("member_facet", schema=None) as batch_op:
        batch_op.drop_index("ix_member_facet_facet_value")

    op.drop_table("member_facet")
    with op.batch_alter_table("credential", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credential_member_id"))

    op.drop_table("credential")
    with op.batch_alter_table("conflict_hit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conflict_hit_search_id"))

    op.drop_table("conflict_hit")
    with op.batch_alter_table("conflict_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conflict_decision_case_id"))

    op.drop_table("conflict_decision")
    with op.batch_alter_table("ticket_period", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ticket_period_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_ticket_period_counter",
            sqlite_where=sa.text("ended_at IS NULL AND state IN ('called', 'serving')"),
            postgresql_where=sa.text("ended_at IS NULL AND state IN ('called', 'serving')"),
        )
        batch_op.drop_index(batch_op.f("ix_ticket_period_ticket_id"))
        batch_op.drop_index("ix_ticket_period_served")

    op.drop_table("ticket_period")
    with op.batch_alter_table("ranking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ranking_case_id"))

    op.drop_table("ranking")
    op.drop_table("person_grant")
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_party_case_id"))

    op.drop_table("party")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_case_id"))

    op.drop_table("message")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_kind"))

    op.drop_table("member")
    with op.batch_alter_table("hall_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hall_session_seen_at"))

    op.drop_table("hall_session")
    with op.batch_alter_table("fact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fact_case_id"))

    op.drop_table("fact")
    with op.batch_alter_table("conflict_search", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conflict_search_case_id"))

    op.drop_table("conflict_search")
    with op.batch_alter_table("case_deadline", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_deadline_case_id"))

    op.drop_table("case_deadline")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index("ix_ticket_queue")
        batch_op.drop_index(batch_op.f("ix_ticket_case_id"))

    op.drop_table("ticket")
    op.drop_table("running_number")
    with op.batch_alter_table("register_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_register_name_holder"))
        batch_op.drop_index(batch_op.f("ix_register_name_hall"))
        batch_op.drop_index(batch_op.f("ix_register_name_case_id"))

    op.drop_table("register_name")
    op.drop_table("person")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index("ix_mail_state_next_at")

    op.drop_table("mail")
    with op.batch_alter_table("hall_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hall_case_submitted_at"))
        batch_op.drop_index(batch_op.f("ix_hall_case_state"))

    op.drop_table("hall_case")
    with op.batch_alter_table("failed_try", schema=None) as batch_op:
        batch_op.drop_index("ix_failed_try_what_at")

    op.drop_table("failed_try")
    op.drop_table("event_head")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_case_id"))
        batch_op.drop_index(batch_op.f("ix_event_action"))

    op.drop_table("event")
    op.drop_table("device")
