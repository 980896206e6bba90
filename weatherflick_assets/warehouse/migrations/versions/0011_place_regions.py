"""The region of a place moves from raw to core, where it is found; raw keeps the code that was received."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_UPGRADE = """
CREATE TABLE core.place_regions (
    content_id text NOT NULL,
    region_code text NOT NULL,
    region_source text NOT NULL,
    sigungu_code text,
    source_response_id bigint NOT NULL,
    CONSTRAINT place_regions_pkey PRIMARY KEY (content_id)
);
COMMENT ON TABLE core.place_regions IS
    'The region of every place, found from its list item by one rule; found again when the rule changes.';
COMMENT ON COLUMN core.place_regions.content_id IS 'the place';
COMMENT ON COLUMN core.place_regions.region_code IS 'current region, by code, address or coordinates; or unassigned';
COMMENT ON COLUMN core.place_regions.region_source IS
    'how the region was found: code, former_code, address, coordinates, unassigned';
COMMENT ON COLUMN core.place_regions.sigungu_code IS 'district within the region (시군구)';
COMMENT ON COLUMN core.place_regions.source_response_id IS 'the response with the list item that it was found from';
INSERT INTO core.place_regions
SELECT content_id, region_code, region_source, sigungu_code, response_id FROM raw.place_items;
CREATE INDEX place_regions_region_code_idx ON core.place_regions (region_code);

ALTER TABLE raw.place_items ADD COLUMN listed_region_code text;
COMMENT ON COLUMN raw.place_items.listed_region_code IS
    'region code as received (lDongRegnCd); null where it is blank';
-- What is longer is no code, and too long for an index.
UPDATE raw.place_items SET listed_region_code = code
FROM (SELECT content_id, btrim(payload ->> 'lDongRegnCd', E' \\t\\r\\n') AS code FROM raw.place_items) AS received
WHERE place_items.content_id = received.content_id AND length(code) BETWEEN 1 AND 100;
ALTER TABLE raw.place_items DROP COLUMN region_code, DROP COLUMN region_source, DROP COLUMN sigungu_code;
CREATE INDEX place_items_content_type_id_listed_region_code_idx
    ON raw.place_items (content_type_id, listed_region_code);
"""

_DOWNGRADE = """
ALTER TABLE raw.place_items
    ADD COLUMN region_code text, ADD COLUMN region_source text, ADD COLUMN sigungu_code text;
UPDATE raw.place_items AS item
SET (region_code, region_source, sigungu_code) = (located.region_code, located.region_source, located.sigungu_code)
FROM core.place_regions AS located WHERE located.content_id = item.content_id;
ALTER TABLE raw.place_items ALTER COLUMN region_code SET NOT NULL, ALTER COLUMN region_source SET NOT NULL;
COMMENT ON COLUMN raw.place_items.region_code IS 'current region, by code, address or coordinates; or unassigned';
COMMENT ON COLUMN raw.place_items.region_source IS
    'how the region was found: code, former_code, address, coordinates, unassigned';
COMMENT ON COLUMN raw.place_items.sigungu_code IS 'district within the region (시군구)';
DROP INDEX raw.place_items_content_type_id_listed_region_code_idx;
ALTER TABLE raw.place_items DROP COLUMN listed_region_code;
CREATE INDEX place_items_content_type_id_region_code_idx ON raw.place_items (content_type_id, region_code);
DROP TABLE core.place_regions;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(_UPGRADE)


def downgrade() -> None:
    op.get_bind().exec_driver_sql(_DOWNGRADE)
