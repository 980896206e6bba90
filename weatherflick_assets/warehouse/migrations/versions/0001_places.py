"""Places of the catalogue, their raw items and responses."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_SCHEMAS = ("raw", "core", "ops", "serving")


def upgrade() -> None:
    for schema in _SCHEMAS:
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    op.create_table(
        "attractions",
        sa.Column("content_id", sa.Text(), nullable=False, comment="KTO's id of the place (contentid)"),
        sa.Column(
            "content_type_id", sa.Text(), nullable=False, comment="KTO content type: 12 attractions, 39 restaurants, …"
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="name of the place"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="current region, or unassigned"),
        sa.Column("region_source", sa.Text(), nullable=False, comment="how the region was found"),
        sa.Column("sigungu_code", sa.Text(), nullable=True, comment="district within the region (시군구)"),
        sa.Column(
            "kto_area_code",
            sa.Text(),
            nullable=True,
            comment="area in the former KTO code space that the backend asks by",
        ),
        sa.Column("address", sa.Text(), nullable=True, comment="address (addr1)"),
        sa.Column("address_detail", sa.Text(), nullable=True, comment="rest of the address (addr2)"),
        sa.Column("zip_code", sa.Text(), nullable=True, comment="five-digit postal code"),
        sa.Column("latitude", sa.Double(), nullable=True, comment="degrees north, WGS 84"),
        sa.Column("longitude", sa.Double(), nullable=True, comment="degrees east, WGS 84"),
        sa.Column("coordinates_problem", sa.Text(), nullable=True, comment="why latitude and longitude are empty"),
        sa.Column("phone", sa.Text(), nullable=True, comment="telephone, first number first"),
        sa.Column("image_url", sa.Text(), nullable=True, comment="main image, https"),
        sa.Column("thumbnail_url", sa.Text(), nullable=True, comment="its thumbnail, https"),
        sa.Column(
            "image_licence", sa.Text(), nullable=True, comment="Type1: attribution; Type3: attribution, no alteration"
        ),
        sa.Column("class_division_code", sa.Text(), nullable=True, comment="classification, first level (lclsSystm1)"),
        sa.Column("class_group_code", sa.Text(), nullable=True, comment="classification, second level (lclsSystm2)"),
        sa.Column("class_code", sa.Text(), nullable=True, comment="classification, third level (lclsSystm3)"),
        sa.Column(
            "legacy_area_code",
            sa.Text(),
            nullable=True,
            comment="areacode as received; blank on rows edited since 2026",
        ),
        sa.Column("legacy_sigungu_code", sa.Text(), nullable=True, comment="sigungucode as received"),
        sa.Column("legacy_category_code_1", sa.Text(), nullable=True, comment="cat1 as received"),
        sa.Column("legacy_category_code_2", sa.Text(), nullable=True, comment="cat2 as received"),
        sa.Column("legacy_category_code_3", sa.Text(), nullable=True, comment="cat3 as received"),
        sa.Column("map_level", sa.SmallInteger(), nullable=True, comment="the upstream's map zoom (mlevel)"),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=True, comment="when the upstream created the place"
        ),
        sa.Column(
            "modified_at", sa.DateTime(timezone=True), nullable=True, comment="when the upstream last changed the place"
        ),
        sa.Column(
            "completeness",
            sa.Double(),
            nullable=False,
            comment="share of the descriptive columns that are filled, 0 to 1",
        ),
        sa.Column("source_response_id", sa.BigInteger(), nullable=False, comment="the response the row was made from"),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), nullable=False, comment="when the row was first published"
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), nullable=False, comment="when a published value last changed"
        ),
        sa.Column(
            "removed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the place was proven gone; null while it exists",
        ),
        sa.PrimaryKeyConstraint("content_id", name=op.f("attractions_pkey")),
        schema="core",
        comment="Published places of type 12 (관광지).",
    )
    op.create_index("attractions_kto_area_code_idx", "attractions", ["kto_area_code"], unique=False, schema="core")
    op.create_index("attractions_region_code_idx", "attractions", ["region_code"], unique=False, schema="core")
    op.create_table(
        "codes",
        sa.Column("code_space", sa.Text(), nullable=False, comment="which list the code belongs to, e.g. class"),
        sa.Column("code", sa.Text(), nullable=False, comment="the code"),
        sa.Column("name", sa.Text(), nullable=False, comment="what it stands for"),
        sa.Column("parent_code", sa.Text(), nullable=True, comment="the code one level up"),
        sa.Column("level", sa.SmallInteger(), nullable=False, comment="1 for the coarsest"),
        sa.PrimaryKeyConstraint("code_space", "code", name=op.f("codes_pkey")),
        schema="core",
        comment="Names of the codes that places carry.",
    )
    op.create_table(
        "kto_areas",
        sa.Column("kto_area_code", sa.Text(), nullable=False, comment="areaCode of the former KTO code space, 1 to 39"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="current region that the area lies in"),
        sa.Column("name", sa.Text(), nullable=False, comment="short name as the backend shows it"),
        sa.Column("full_name", sa.Text(), nullable=False, comment="official name"),
        sa.Column("english_name", sa.Text(), nullable=False, comment="name in English"),
        sa.Column(
            "administrative_code",
            sa.Text(),
            nullable=False,
            comment="two-digit administrative code the backend expects",
        ),
        sa.Column("latitude", sa.Double(), nullable=False, comment="representative point, degrees north"),
        sa.Column("longitude", sa.Double(), nullable=False, comment="representative point, degrees east"),
        sa.Column("grid_x", sa.SmallInteger(), nullable=False, comment="column of the KMA forecast grid"),
        sa.Column("grid_y", sa.SmallInteger(), nullable=False, comment="row of the KMA forecast grid"),
        sa.PrimaryKeyConstraint("kto_area_code", name=op.f("kto_areas_pkey")),
        schema="core",
        comment="The seventeen areas the backend asks by.",
    )
    op.create_table(
        "regions",
        sa.Column("region_code", sa.Text(), nullable=False, comment="current legal-dong region code (lDongRegnCd)"),
        sa.Column("name", sa.Text(), nullable=False, comment="official name"),
        sa.Column("short_name", sa.Text(), nullable=False, comment="everyday name"),
        sa.Column("english_name", sa.Text(), nullable=False, comment="name in English"),
        sa.Column(
            "kto_area_code",
            sa.Text(),
            nullable=True,
            comment="areaCode of the former KTO code space; for 12 the one of its larger part",
        ),
        sa.Column(
            "kto_area_codes",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="all former KTO area codes of the region",
        ),
        sa.Column(
            "former_region_codes",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="legal-dong codes the region had before a reform",
        ),
        sa.Column("latitude", sa.Double(), nullable=True, comment="of the provincial office, degrees north"),
        sa.Column("longitude", sa.Double(), nullable=True, comment="of the provincial office, degrees east"),
        sa.Column("kma_nx", sa.SmallInteger(), nullable=True, comment="column of the KMA forecast grid"),
        sa.Column("kma_ny", sa.SmallInteger(), nullable=True, comment="row of the KMA forecast grid"),
        sa.Column(
            "kma_land_region_ids",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="mid-term land forecast regions (중기육상예보구역)",
        ),
        sa.Column(
            "kma_temperature_region_ids",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="mid-term temperature forecast points (중기기온예보구역)",
        ),
        sa.Column(
            "airkorea_names", postgresql.ARRAY(sa.Text()), nullable=False, comment="names AirKorea uses for the region"
        ),
        sa.PrimaryKeyConstraint("region_code", name=op.f("regions_pkey")),
        schema="core",
        comment="The regions of Korea and every code space they appear in.",
    )
    op.create_table(
        "rejected_items",
        sa.Column("content_type_id", sa.Text(), nullable=False, comment="kind of place it was listed as"),
        sa.Column(
            "item_key",
            sa.Text(),
            nullable=False,
            comment="its content_id, or the SHA-256 of the payload if it has none",
        ),
        sa.Column("region_code", sa.Text(), nullable=False, comment="partition the item was listed in"),
        sa.Column("content_id", sa.Text(), nullable=True, comment="id of the place, when it had one"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it can't be used"),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="the item as received"),
        sa.Column("response_id", sa.BigInteger(), nullable=False, comment="the response that brought it"),
        sa.Column(
            "rejected_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it was first rejected for this reason",
        ),
        sa.PrimaryKeyConstraint("content_type_id", "item_key", name=op.f("rejected_items_pkey")),
        schema="core",
        comment="Listed items that could not be published, with the reason.",
    )
    op.create_index(
        "rejected_items_content_type_id_region_code_idx",
        "rejected_items",
        ["content_type_id", "region_code"],
        unique=False,
        schema="core",
    )
    op.create_table(
        "restaurants",
        sa.Column("content_id", sa.Text(), nullable=False, comment="KTO's id of the place (contentid)"),
        sa.Column(
            "content_type_id", sa.Text(), nullable=False, comment="KTO content type: 12 attractions, 39 restaurants, …"
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="name of the place"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="current region, or unassigned"),
        sa.Column("region_source", sa.Text(), nullable=False, comment="how the region was found"),
        sa.Column("sigungu_code", sa.Text(), nullable=True, comment="district within the region (시군구)"),
        sa.Column(
            "kto_area_code",
            sa.Text(),
            nullable=True,
            comment="area in the former KTO code space that the backend asks by",
        ),
        sa.Column("address", sa.Text(), nullable=True, comment="address (addr1)"),
        sa.Column("address_detail", sa.Text(), nullable=True, comment="rest of the address (addr2)"),
        sa.Column("zip_code", sa.Text(), nullable=True, comment="five-digit postal code"),
        sa.Column("latitude", sa.Double(), nullable=True, comment="degrees north, WGS 84"),
        sa.Column("longitude", sa.Double(), nullable=True, comment="degrees east, WGS 84"),
        sa.Column("coordinates_problem", sa.Text(), nullable=True, comment="why latitude and longitude are empty"),
        sa.Column("phone", sa.Text(), nullable=True, comment="telephone, first number first"),
        sa.Column("image_url", sa.Text(), nullable=True, comment="main image, https"),
        sa.Column("thumbnail_url", sa.Text(), nullable=True, comment="its thumbnail, https"),
        sa.Column(
            "image_licence", sa.Text(), nullable=True, comment="Type1: attribution; Type3: attribution, no alteration"
        ),
        sa.Column("class_division_code", sa.Text(), nullable=True, comment="classification, first level (lclsSystm1)"),
        sa.Column("class_group_code", sa.Text(), nullable=True, comment="classification, second level (lclsSystm2)"),
        sa.Column("class_code", sa.Text(), nullable=True, comment="classification, third level (lclsSystm3)"),
        sa.Column(
            "legacy_area_code",
            sa.Text(),
            nullable=True,
            comment="areacode as received; blank on rows edited since 2026",
        ),
        sa.Column("legacy_sigungu_code", sa.Text(), nullable=True, comment="sigungucode as received"),
        sa.Column("legacy_category_code_1", sa.Text(), nullable=True, comment="cat1 as received"),
        sa.Column("legacy_category_code_2", sa.Text(), nullable=True, comment="cat2 as received"),
        sa.Column("legacy_category_code_3", sa.Text(), nullable=True, comment="cat3 as received"),
        sa.Column("map_level", sa.SmallInteger(), nullable=True, comment="the upstream's map zoom (mlevel)"),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=True, comment="when the upstream created the place"
        ),
        sa.Column(
            "modified_at", sa.DateTime(timezone=True), nullable=True, comment="when the upstream last changed the place"
        ),
        sa.Column(
            "completeness",
            sa.Double(),
            nullable=False,
            comment="share of the descriptive columns that are filled, 0 to 1",
        ),
        sa.Column("source_response_id", sa.BigInteger(), nullable=False, comment="the response the row was made from"),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), nullable=False, comment="when the row was first published"
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), nullable=False, comment="when a published value last changed"
        ),
        sa.Column(
            "removed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the place was proven gone; null while it exists",
        ),
        sa.PrimaryKeyConstraint("content_id", name=op.f("restaurants_pkey")),
        schema="core",
        comment="Published places of type 39 (음식점).",
    )
    op.create_index("restaurants_kto_area_code_idx", "restaurants", ["kto_area_code"], unique=False, schema="core")
    op.create_index("restaurants_region_code_idx", "restaurants", ["region_code"], unique=False, schema="core")
    op.create_table(
        "deployment",
        sa.Column(
            "mode",
            sa.Text(),
            nullable=False,
            comment="live or sandbox: what kind of upstream fills this database; never both",
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="when the database was first prepared"
        ),
        sa.PrimaryKeyConstraint("mode", name=op.f("deployment_pkey")),
        schema="ops",
        comment="What this database is for: one row.",
    )
    op.create_table(
        "place_items",
        sa.Column("content_id", sa.Text(), nullable=False, comment="KTO's id of the place (contentid)"),
        sa.Column(
            "content_type_id",
            sa.Text(),
            nullable=False,
            comment="KTO content type (contenttypeid): 12 attractions, 39 restaurants, …",
        ),
        sa.Column(
            "region_code",
            sa.Text(),
            nullable=False,
            comment="current region, by code, address or coordinates; or unassigned",
        ),
        sa.Column(
            "region_source",
            sa.Text(),
            nullable=False,
            comment="how the region was found: code, former_code, address, coordinates, unassigned",
        ),
        sa.Column("sigungu_code", sa.Text(), nullable=True, comment="district within the region (시군구)"),
        sa.Column(
            "payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="the list item as received"
        ),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=True, comment="the upstream's modification time"),
        sa.Column(
            "is_visible", sa.Boolean(), nullable=False, comment="false once the upstream hides the place (showflag 0)"
        ),
        sa.Column(
            "absent_since",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when a complete sweep first missed the place; null while it is listed",
        ),
        sa.Column(
            "first_seen_at", sa.DateTime(timezone=True), nullable=False, comment="when the place was first listed"
        ),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False, comment="when the place was last listed"),
        sa.Column(
            "response_id", sa.BigInteger(), nullable=False, comment="the response that brought the present payload"
        ),
        sa.PrimaryKeyConstraint("content_id", name=op.f("place_items_pkey")),
        schema="raw",
        comment="The current list item of every place ever seen.",
    )
    op.create_index(
        "place_items_content_type_id_region_code_idx",
        "place_items",
        ["content_type_id", "region_code"],
        unique=False,
        schema="raw",
    )
    op.create_table(
        "responses",
        sa.Column(
            "response_id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="identity of the response"
        ),
        sa.Column("provider", sa.Text(), nullable=False, comment="who was asked, e.g. kto"),
        sa.Column("operation", sa.Text(), nullable=False, comment="which operation, e.g. areaBasedSyncList2"),
        sa.Column(
            "request_params",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="parameters as sent, without the key",
        ),
        sa.Column("http_status", sa.SmallInteger(), nullable=True, comment="HTTP status; null when no answer came"),
        sa.Column("result_code", sa.Text(), nullable=True, comment="result code inside the body, as written there"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="the body, byte for byte"),
        sa.Column("body_sha256", sa.Text(), nullable=False, comment="SHA-256 of the body, hexadecimal"),
        sa.Column("body_bytes", sa.Integer(), nullable=False, comment="size of the body in bytes"),
        sa.Column(
            "api_key_id", sa.Text(), nullable=True, comment="fingerprint of the key that was used; never the key"
        ),
        sa.Column(
            "duration_ms",
            sa.Integer(),
            nullable=False,
            comment="from sending the request to having read the body, in milliseconds",
        ),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False, comment="when the body had been read"),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the body may be dropped, by the operation's time to live",
        ),
        sa.Column("run_id", sa.Text(), nullable=True, comment="the Dagster run that asked"),
        sa.Column("partition_key", sa.Text(), nullable=True, comment="the partition that run was for"),
        sa.PrimaryKeyConstraint("response_id", name=op.f("responses_pkey")),
        schema="raw",
        comment="Every response as received, stored before anything is made of it.",
    )
    op.create_index(
        "responses_provider_operation_fetched_at_idx",
        "responses",
        ["provider", "operation", "fetched_at"],
        unique=False,
        schema="raw",
    )
    op.create_table(
        "sweeps",
        sa.Column(
            "sweep_id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="identity of the sweep"
        ),
        sa.Column("provider", sa.Text(), nullable=False, comment="who was asked"),
        sa.Column("operation", sa.Text(), nullable=False, comment="which list was swept"),
        sa.Column("content_type_id", sa.Text(), nullable=False, comment="kind of place swept"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="partition swept"),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), nullable=False, comment="when the first page was asked for"
        ),
        sa.Column(
            "finished_at", sa.DateTime(timezone=True), nullable=False, comment="when the last page had been loaded"
        ),
        sa.Column("pages", sa.Integer(), nullable=False, comment="pages read, re-read ones included"),
        sa.Column("total_count", sa.Integer(), nullable=False, comment="rows the upstream says there are"),
        sa.Column("items_seen", sa.Integer(), nullable=False, comment="different ids received"),
        sa.Column(
            "is_complete",
            sa.Boolean(),
            nullable=False,
            comment="whether the pages add up; only a complete sweep proves an absence",
        ),
        sa.Column("run_id", sa.Text(), nullable=True, comment="the Dagster run that swept"),
        sa.PrimaryKeyConstraint("sweep_id", name=op.f("sweeps_pkey")),
        schema="raw",
        comment="Readings of a whole list, page by page, and whether they added up.",
    )
    op.create_index(
        "sweeps_content_type_id_region_code_idx",
        "sweeps",
        ["content_type_id", "region_code", "started_at"],
        unique=False,
        schema="raw",
    )


def downgrade() -> None:
    op.drop_index("sweeps_content_type_id_region_code_idx", table_name="sweeps", schema="raw")
    op.drop_table("sweeps", schema="raw")
    op.drop_index("responses_provider_operation_fetched_at_idx", table_name="responses", schema="raw")
    op.drop_table("responses", schema="raw")
    op.drop_index("place_items_content_type_id_region_code_idx", table_name="place_items", schema="raw")
    op.drop_table("place_items", schema="raw")
    op.drop_table("deployment", schema="ops")
    op.drop_index("restaurants_region_code_idx", table_name="restaurants", schema="core")
    op.drop_index("restaurants_kto_area_code_idx", table_name="restaurants", schema="core")
    op.drop_table("restaurants", schema="core")
    op.drop_index("rejected_items_content_type_id_region_code_idx", table_name="rejected_items", schema="core")
    op.drop_table("rejected_items", schema="core")
    op.drop_table("regions", schema="core")
    op.drop_table("kto_areas", schema="core")
    op.drop_table("codes", schema="core")
    op.drop_index("attractions_region_code_idx", table_name="attractions", schema="core")
    op.drop_index("attractions_kto_area_code_idx", table_name="attractions", schema="core")
    op.drop_table("attractions", schema="core")
    for schema in reversed(_SCHEMAS):
        op.execute(f"DROP SCHEMA {schema}")
