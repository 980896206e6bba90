CREATE TABLE raw.place_details (
    content_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    items JSONB NOT NULL,
    kept_from JSONB DEFAULT '{}'::jsonb NOT NULL,
    response_id BIGINT NOT NULL,
    fetched_at TIMESTAMP WITH TIME ZONE NOT NULL,
    place_modified_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT place_details_pkey PRIMARY KEY (content_id, operation)
);
CREATE INDEX place_details_operation_fetched_at_idx ON raw.place_details (operation, fetched_at);
COMMENT ON TABLE raw.place_details IS 'What the detail operations last said about each place, and when: the state of the detail queue.';
COMMENT ON COLUMN raw.place_details.content_id IS 'the place that was asked for';
COMMENT ON COLUMN raw.place_details.operation IS 'what was asked: detailCommon2, detailIntro2, …';
COMMENT ON COLUMN raw.place_details.items IS 'the items as received; of one item, fields that came blank keep what an earlier answer said, and an answer without items keeps the items of an earlier one';
COMMENT ON COLUMN raw.place_details.kept_from IS 'fields that came blank in the last answer, and the response whose value they keep; items: all of them';
COMMENT ON COLUMN raw.place_details.response_id IS 'the last response';
COMMENT ON COLUMN raw.place_details.fetched_at IS 'when it was read';
COMMENT ON COLUMN raw.place_details.place_modified_at IS 'modification time of the place''s list item when it was asked for';

CREATE TABLE raw.change_readings (
    reading_id BIGINT GENERATED ALWAYS AS IDENTITY,
    day DATE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE NOT NULL,
    read_back_to TIMESTAMP WITH TIME ZONE,
    watermark TIMESTAMP WITH TIME ZONE,
    pages INTEGER NOT NULL,
    total_count INTEGER NOT NULL,
    known_count INTEGER NOT NULL,
    touched JSONB NOT NULL,
    run_id TEXT,
    CONSTRAINT change_readings_pkey PRIMARY KEY (reading_id)
);
COMMENT ON TABLE raw.change_readings IS 'Readings of the change feed, newest first down to the watermark.';
COMMENT ON COLUMN raw.change_readings.reading_id IS 'identity of the reading';
COMMENT ON COLUMN raw.change_readings.day IS 'day in Korea that it was made for';
COMMENT ON COLUMN raw.change_readings.started_at IS 'when the first page was asked for';
COMMENT ON COLUMN raw.change_readings.finished_at IS 'when what was read had been merged';
COMMENT ON COLUMN raw.change_readings.read_back_to IS 'modification time down to which the list was read; null: to its end';
COMMENT ON COLUMN raw.change_readings.watermark IS 'latest modification time that was seen: the next reading goes back to it';
COMMENT ON COLUMN raw.change_readings.pages IS 'pages read';
COMMENT ON COLUMN raw.change_readings.total_count IS 'rows the upstream says there are';
COMMENT ON COLUMN raw.change_readings.known_count IS 'places that raw.place_items holds as listed, after merging';
COMMENT ON COLUMN raw.change_readings.touched IS 'kinds and regions whose places changed: [[content_type_id, region_code], …]';
COMMENT ON COLUMN raw.change_readings.run_id IS 'the Dagster run that read';

CREATE TABLE ops.collection_plan (
    content_type_id TEXT NOT NULL,
    region_code TEXT NOT NULL,
    operation TEXT NOT NULL,
    planned_at TIMESTAMP WITH TIME ZONE NOT NULL,
    rank INTEGER NOT NULL,
    places INTEGER NOT NULL,
    never_collected INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    stale INTEGER NOT NULL,
    thin INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT collection_plan_pkey PRIMARY KEY (content_type_id, region_code, operation)
);
COMMENT ON TABLE ops.collection_plan IS 'What the details that the day''s quota allows are spent on: the plan that the collector follows.';
COMMENT ON COLUMN ops.collection_plan.content_type_id IS 'kind of place';
COMMENT ON COLUMN ops.collection_plan.region_code IS 'region';
COMMENT ON COLUMN ops.collection_plan.operation IS 'detail operation';
COMMENT ON COLUMN ops.collection_plan.planned_at IS 'when the plan was made';
COMMENT ON COLUMN ops.collection_plan.rank IS '1: worth most for each call, among kinds and regions';
COMMENT ON COLUMN ops.collection_plan.places IS 'places that are shown';
COMMENT ON COLUMN ops.collection_plan.never_collected IS 'of these, places of which the operation was never asked';
COMMENT ON COLUMN ops.collection_plan.changed IS 'places that changed since it was asked';
COMMENT ON COLUMN ops.collection_plan.stale IS 'places of which it was asked longer ago than it lives';
COMMENT ON COLUMN ops.collection_plan.thin IS 'places of which it was asked and few details are known';
COMMENT ON COLUMN ops.collection_plan.calls IS 'calls that are planned';
COMMENT ON COLUMN ops.collection_plan.value IS 'worth of these calls together, by the policy';
COMMENT ON COLUMN ops.collection_plan.reason IS 'why, in words';

ALTER TABLE core.attractions
    ADD COLUMN previous_content_id TEXT,
    ADD COLUMN detail_completeness DOUBLE PRECISION,
    ADD COLUMN detail_sources JSONB,
    ADD COLUMN overview TEXT,
    ADD COLUMN homepage TEXT,
    ADD COLUMN homepage_url TEXT,
    ADD COLUMN opening_hours TEXT,
    ADD COLUMN opens_at TIME WITHOUT TIME ZONE,
    ADD COLUMN closes_at TIME WITHOUT TIME ZONE,
    ADD COLUMN rest_days TEXT,
    ADD COLUMN open_all_year BOOLEAN,
    ADD COLUMN season TEXT,
    ADD COLUMN opened TEXT,
    ADD COLUMN opened_on DATE,
    ADD COLUMN parking TEXT,
    ADD COLUMN parking_available BOOLEAN,
    ADD COLUMN activities TEXT,
    ADD COLUMN age_limit TEXT,
    ADD COLUMN capacity TEXT,
    ADD COLUMN capacity_count INTEGER,
    ADD COLUMN baby_carriages TEXT,
    ADD COLUMN baby_carriages_available BOOLEAN,
    ADD COLUMN pets TEXT,
    ADD COLUMN pets_allowed BOOLEAN,
    ADD COLUMN credit_cards TEXT,
    ADD COLUMN credit_cards_accepted BOOLEAN,
    ADD COLUMN enquiries TEXT,
    ADD COLUMN enquiry_phone TEXT,
    ADD COLUMN is_world_cultural_heritage BOOLEAN,
    ADD COLUMN is_world_natural_heritage BOOLEAN,
    ADD COLUMN is_world_documentary_heritage BOOLEAN;
COMMENT ON COLUMN core.attractions.previous_content_id IS 'id the place had before the upstream gave it a new one';
COMMENT ON COLUMN core.attractions.detail_completeness IS 'likewise of the columns from details; null before these are collected';
COMMENT ON COLUMN core.attractions.source_response_id IS 'the response with the list item the row was made from';
COMMENT ON COLUMN core.attractions.detail_sources IS 'the response each value from details came from, by column';
COMMENT ON COLUMN core.attractions.overview IS 'description';
COMMENT ON COLUMN core.attractions.homepage IS 'web sites, with the names they were given';
COMMENT ON COLUMN core.attractions.homepage_url IS 'first of them';
COMMENT ON COLUMN core.attractions.opening_hours IS 'opening hours';
COMMENT ON COLUMN core.attractions.opens_at IS 'when it opens, where that is the same every day';
COMMENT ON COLUMN core.attractions.closes_at IS 'when it closes, where that is the same every day';
COMMENT ON COLUMN core.attractions.rest_days IS 'days on which it is closed';
COMMENT ON COLUMN core.attractions.open_all_year IS 'whether it has no days of rest';
COMMENT ON COLUMN core.attractions.season IS 'time of the year for a visit';
COMMENT ON COLUMN core.attractions.opened IS 'when it was opened, sometimes the year alone';
COMMENT ON COLUMN core.attractions.opened_on IS 'day on which it was opened';
COMMENT ON COLUMN core.attractions.parking IS 'parking: whether, how many, at what price';
COMMENT ON COLUMN core.attractions.parking_available IS 'whether one can park';
COMMENT ON COLUMN core.attractions.activities IS 'what one can try or take part in';
COMMENT ON COLUMN core.attractions.age_limit IS 'ages that can take part';
COMMENT ON COLUMN core.attractions.capacity IS 'how many find room';
COMMENT ON COLUMN core.attractions.capacity_count IS 'how many people find room';
COMMENT ON COLUMN core.attractions.baby_carriages IS 'rental of baby carriages';
COMMENT ON COLUMN core.attractions.baby_carriages_available IS 'whether baby carriages are rented';
COMMENT ON COLUMN core.attractions.pets IS 'coming with pets';
COMMENT ON COLUMN core.attractions.pets_allowed IS 'whether pets may come';
COMMENT ON COLUMN core.attractions.credit_cards IS 'payment by credit card';
COMMENT ON COLUMN core.attractions.credit_cards_accepted IS 'whether credit cards are accepted';
COMMENT ON COLUMN core.attractions.enquiries IS 'whom to ask, with telephone numbers';
COMMENT ON COLUMN core.attractions.enquiry_phone IS 'first telephone number to ask';
COMMENT ON COLUMN core.attractions.is_world_cultural_heritage IS 'UNESCO world heritage, cultural';
COMMENT ON COLUMN core.attractions.is_world_natural_heritage IS 'UNESCO world heritage, natural';
COMMENT ON COLUMN core.attractions.is_world_documentary_heritage IS 'UNESCO memory of the world';

CREATE TABLE core.cultural_facilities (
    content_id TEXT NOT NULL,
    content_type_id TEXT NOT NULL,
    title TEXT NOT NULL,
    region_code TEXT NOT NULL,
    region_source TEXT NOT NULL,
    sigungu_code TEXT,
    kto_area_code TEXT,
    address TEXT,
    address_detail TEXT,
    zip_code TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    coordinates_problem TEXT,
    phone TEXT,
    image_url TEXT,
    thumbnail_url TEXT,
    image_licence TEXT,
    class_division_code TEXT,
    class_group_code TEXT,
    class_code TEXT,
    legacy_area_code TEXT,
    legacy_sigungu_code TEXT,
    legacy_category_code_1 TEXT,
    legacy_category_code_2 TEXT,
    legacy_category_code_3 TEXT,
    map_level SMALLINT,
    created_at TIMESTAMP WITH TIME ZONE,
    modified_at TIMESTAMP WITH TIME ZONE,
    previous_content_id TEXT,
    completeness DOUBLE PRECISION NOT NULL,
    detail_completeness DOUBLE PRECISION,
    source_response_id BIGINT NOT NULL,
    detail_sources JSONB,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    overview TEXT,
    homepage TEXT,
    homepage_url TEXT,
    opening_hours TEXT,
    opens_at TIME WITHOUT TIME ZONE,
    closes_at TIME WITHOUT TIME ZONE,
    rest_days TEXT,
    open_all_year BOOLEAN,
    admission_fee TEXT,
    admission_fee_won INTEGER,
    discounts TEXT,
    visit_duration TEXT,
    visit_duration_minutes INTEGER,
    parking TEXT,
    parking_available BOOLEAN,
    parking_fee TEXT,
    parking_fee_won INTEGER,
    scale TEXT,
    capacity TEXT,
    capacity_count INTEGER,
    baby_carriages TEXT,
    baby_carriages_available BOOLEAN,
    pets TEXT,
    pets_allowed BOOLEAN,
    credit_cards TEXT,
    credit_cards_accepted BOOLEAN,
    enquiries TEXT,
    enquiry_phone TEXT,
    CONSTRAINT cultural_facilities_pkey PRIMARY KEY (content_id)
);
CREATE INDEX cultural_facilities_kto_area_code_idx ON core.cultural_facilities (kto_area_code);
CREATE INDEX cultural_facilities_region_code_idx ON core.cultural_facilities (region_code);
COMMENT ON TABLE core.cultural_facilities IS 'Published places of type 14 (문화시설).';
COMMENT ON COLUMN core.cultural_facilities.content_id IS 'KTO''s id of the place (contentid)';
COMMENT ON COLUMN core.cultural_facilities.content_type_id IS 'KTO content type: 12 attractions, 39 restaurants, …';
COMMENT ON COLUMN core.cultural_facilities.title IS 'name of the place';
COMMENT ON COLUMN core.cultural_facilities.region_code IS 'current region, or unassigned';
COMMENT ON COLUMN core.cultural_facilities.region_source IS 'how the region was found';
COMMENT ON COLUMN core.cultural_facilities.sigungu_code IS 'district within the region (시군구)';
COMMENT ON COLUMN core.cultural_facilities.kto_area_code IS 'area in the former KTO code space that the backend asks by';
COMMENT ON COLUMN core.cultural_facilities.address IS 'address (addr1)';
COMMENT ON COLUMN core.cultural_facilities.address_detail IS 'rest of the address (addr2)';
COMMENT ON COLUMN core.cultural_facilities.zip_code IS 'five-digit postal code';
COMMENT ON COLUMN core.cultural_facilities.latitude IS 'degrees north, WGS 84';
COMMENT ON COLUMN core.cultural_facilities.longitude IS 'degrees east, WGS 84';
COMMENT ON COLUMN core.cultural_facilities.coordinates_problem IS 'why latitude and longitude are empty';
COMMENT ON COLUMN core.cultural_facilities.phone IS 'telephone, first number first';
COMMENT ON COLUMN core.cultural_facilities.image_url IS 'main image, https';
COMMENT ON COLUMN core.cultural_facilities.thumbnail_url IS 'its thumbnail, https';
COMMENT ON COLUMN core.cultural_facilities.image_licence IS 'Type1: attribution; Type3: attribution, no alteration';
COMMENT ON COLUMN core.cultural_facilities.class_division_code IS 'classification, first level (lclsSystm1)';
COMMENT ON COLUMN core.cultural_facilities.class_group_code IS 'classification, second level (lclsSystm2)';
COMMENT ON COLUMN core.cultural_facilities.class_code IS 'classification, third level (lclsSystm3)';
COMMENT ON COLUMN core.cultural_facilities.legacy_area_code IS 'areacode as received; blank on rows edited since 2026';
COMMENT ON COLUMN core.cultural_facilities.legacy_sigungu_code IS 'sigungucode as received';
COMMENT ON COLUMN core.cultural_facilities.legacy_category_code_1 IS 'cat1 as received';
COMMENT ON COLUMN core.cultural_facilities.legacy_category_code_2 IS 'cat2 as received';
COMMENT ON COLUMN core.cultural_facilities.legacy_category_code_3 IS 'cat3 as received';
COMMENT ON COLUMN core.cultural_facilities.map_level IS 'the upstream''s map zoom (mlevel)';
COMMENT ON COLUMN core.cultural_facilities.created_at IS 'when the upstream created the place';
COMMENT ON COLUMN core.cultural_facilities.modified_at IS 'when the upstream last changed the place';
COMMENT ON COLUMN core.cultural_facilities.previous_content_id IS 'id the place had before the upstream gave it a new one';
COMMENT ON COLUMN core.cultural_facilities.completeness IS 'share of the descriptive columns that are filled, 0 to 1';
COMMENT ON COLUMN core.cultural_facilities.detail_completeness IS 'likewise of the columns from details; null before these are collected';
COMMENT ON COLUMN core.cultural_facilities.source_response_id IS 'the response with the list item the row was made from';
COMMENT ON COLUMN core.cultural_facilities.detail_sources IS 'the response each value from details came from, by column';
COMMENT ON COLUMN core.cultural_facilities.published_at IS 'when the row was first published';
COMMENT ON COLUMN core.cultural_facilities.updated_at IS 'when a published value last changed';
COMMENT ON COLUMN core.cultural_facilities.removed_at IS 'when the place was proven gone; null while it exists';
COMMENT ON COLUMN core.cultural_facilities.overview IS 'description';
COMMENT ON COLUMN core.cultural_facilities.homepage IS 'web sites, with the names they were given';
COMMENT ON COLUMN core.cultural_facilities.homepage_url IS 'first of them';
COMMENT ON COLUMN core.cultural_facilities.opening_hours IS 'opening hours';
COMMENT ON COLUMN core.cultural_facilities.opens_at IS 'when it opens, where that is the same every day';
COMMENT ON COLUMN core.cultural_facilities.closes_at IS 'when it closes, where that is the same every day';
COMMENT ON COLUMN core.cultural_facilities.rest_days IS 'days on which it is closed';
COMMENT ON COLUMN core.cultural_facilities.open_all_year IS 'whether it has no days of rest';
COMMENT ON COLUMN core.cultural_facilities.admission_fee IS 'prices of admission';
COMMENT ON COLUMN core.cultural_facilities.admission_fee_won IS 'price of admission in won where there is one; 0: free';
COMMENT ON COLUMN core.cultural_facilities.discounts IS 'who pays less';
COMMENT ON COLUMN core.cultural_facilities.visit_duration IS 'how long a visit takes';
COMMENT ON COLUMN core.cultural_facilities.visit_duration_minutes IS 'how long a visit takes, in minutes';
COMMENT ON COLUMN core.cultural_facilities.parking IS 'parking: whether, how many, at what price';
COMMENT ON COLUMN core.cultural_facilities.parking_available IS 'whether one can park';
COMMENT ON COLUMN core.cultural_facilities.parking_fee IS 'price of parking';
COMMENT ON COLUMN core.cultural_facilities.parking_fee_won IS 'price of parking in won; 0: free';
COMMENT ON COLUMN core.cultural_facilities.scale IS 'size of site and buildings';
COMMENT ON COLUMN core.cultural_facilities.capacity IS 'how many find room';
COMMENT ON COLUMN core.cultural_facilities.capacity_count IS 'how many people find room';
COMMENT ON COLUMN core.cultural_facilities.baby_carriages IS 'rental of baby carriages';
COMMENT ON COLUMN core.cultural_facilities.baby_carriages_available IS 'whether baby carriages are rented';
COMMENT ON COLUMN core.cultural_facilities.pets IS 'coming with pets';
COMMENT ON COLUMN core.cultural_facilities.pets_allowed IS 'whether pets may come';
COMMENT ON COLUMN core.cultural_facilities.credit_cards IS 'payment by credit card';
COMMENT ON COLUMN core.cultural_facilities.credit_cards_accepted IS 'whether credit cards are accepted';
COMMENT ON COLUMN core.cultural_facilities.enquiries IS 'whom to ask, with telephone numbers';
COMMENT ON COLUMN core.cultural_facilities.enquiry_phone IS 'first telephone number to ask';

CREATE TABLE core.festivals (
    content_id TEXT NOT NULL,
    content_type_id TEXT NOT NULL,
    title TEXT NOT NULL,
    region_code TEXT NOT NULL,
    region_source TEXT NOT NULL,
    sigungu_code TEXT,
    kto_area_code TEXT,
    address TEXT,
    address_detail TEXT,
    zip_code TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    coordinates_problem TEXT,
    phone TEXT,
    image_url TEXT,
    thumbnail_url TEXT,
    image_licence TEXT,
    class_division_code TEXT,
    class_group_code TEXT,
    class_code TEXT,
    legacy_area_code TEXT,
    legacy_sigungu_code TEXT,
    legacy_category_code_1 TEXT,
    legacy_category_code_2 TEXT,
    legacy_category_code_3 TEXT,
    map_level SMALLINT,
    created_at TIMESTAMP WITH TIME ZONE,
    modified_at TIMESTAMP WITH TIME ZONE,
    previous_content_id TEXT,
    completeness DOUBLE PRECISION NOT NULL,
    detail_completeness DOUBLE PRECISION,
    source_response_id BIGINT NOT NULL,
    detail_sources JSONB,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    overview TEXT,
    homepage TEXT,
    homepage_url TEXT,
    event_start_date DATE,
    event_end_date DATE,
    event_dates_problem TEXT,
    progress TEXT,
    festival_format TEXT,
    festival_grade TEXT,
    event_place TEXT,
    place_directions TEXT,
    event_hours TEXT,
    opens_at TIME WITHOUT TIME ZONE,
    closes_at TIME WITHOUT TIME ZONE,
    program TEXT,
    side_events TEXT,
    admission_fee TEXT,
    admission_fee_won INTEGER,
    discounts TEXT,
    booking_place TEXT,
    age_limit TEXT,
    visit_duration TEXT,
    visit_duration_minutes INTEGER,
    sponsor TEXT,
    sponsor_phone TEXT,
    organizer TEXT,
    organizer_phone TEXT,
    event_homepage TEXT,
    event_homepage_url TEXT,
    CONSTRAINT festivals_pkey PRIMARY KEY (content_id)
);
CREATE INDEX festivals_kto_area_code_idx ON core.festivals (kto_area_code);
CREATE INDEX festivals_region_code_idx ON core.festivals (region_code);
COMMENT ON TABLE core.festivals IS 'Published places of type 15 (축제공연행사).';
COMMENT ON COLUMN core.festivals.content_id IS 'KTO''s id of the place (contentid)';
COMMENT ON COLUMN core.festivals.content_type_id IS 'KTO content type: 12 attractions, 39 restaurants, …';
COMMENT ON COLUMN core.festivals.title IS 'name of the place';
COMMENT ON COLUMN core.festivals.region_code IS 'current region, or unassigned';
COMMENT ON COLUMN core.festivals.region_source IS 'how the region was found';
COMMENT ON COLUMN core.festivals.sigungu_code IS 'district within the region (시군구)';
COMMENT ON COLUMN core.festivals.kto_area_code IS 'area in the former KTO code space that the backend asks by';
COMMENT ON COLUMN core.festivals.address IS 'address (addr1)';
COMMENT ON COLUMN core.festivals.address_detail IS 'rest of the address (addr2)';
COMMENT ON COLUMN core.festivals.zip_code IS 'five-digit postal code';
COMMENT ON COLUMN core.festivals.latitude IS 'degrees north, WGS 84';
COMMENT ON COLUMN core.festivals.longitude IS 'degrees east, WGS 84';
COMMENT ON COLUMN core.festivals.coordinates_problem IS 'why latitude and longitude are empty';
COMMENT ON COLUMN core.festivals.phone IS 'telephone, first number first';
COMMENT ON COLUMN core.festivals.image_url IS 'main image, https';
COMMENT ON COLUMN core.festivals.thumbnail_url IS 'its thumbnail, https';
COMMENT ON COLUMN core.festivals.image_licence IS 'Type1: attribution; Type3: attribution, no alteration';
COMMENT ON COLUMN core.festivals.class_division_code IS 'classification, first level (lclsSystm1)';
COMMENT ON COLUMN core.festivals.class_group_code IS 'classification, second level (lclsSystm2)';
COMMENT ON COLUMN core.festivals.class_code IS 'classification, third level (lclsSystm3)';
COMMENT ON COLUMN core.festivals.legacy_area_code IS 'areacode as received; blank on rows edited since 2026';
COMMENT ON COLUMN core.festivals.legacy_sigungu_code IS 'sigungucode as received';
COMMENT ON COLUMN core.festivals.legacy_category_code_1 IS 'cat1 as received';
COMMENT ON COLUMN core.festivals.legacy_category_code_2 IS 'cat2 as received';
COMMENT ON COLUMN core.festivals.legacy_category_code_3 IS 'cat3 as received';
COMMENT ON COLUMN core.festivals.map_level IS 'the upstream''s map zoom (mlevel)';
COMMENT ON COLUMN core.festivals.created_at IS 'when the upstream created the place';
COMMENT ON COLUMN core.festivals.modified_at IS 'when the upstream last changed the place';
COMMENT ON COLUMN core.festivals.previous_content_id IS 'id the place had before the upstream gave it a new one';
COMMENT ON COLUMN core.festivals.completeness IS 'share of the descriptive columns that are filled, 0 to 1';
COMMENT ON COLUMN core.festivals.detail_completeness IS 'likewise of the columns from details; null before these are collected';
COMMENT ON COLUMN core.festivals.source_response_id IS 'the response with the list item the row was made from';
COMMENT ON COLUMN core.festivals.detail_sources IS 'the response each value from details came from, by column';
COMMENT ON COLUMN core.festivals.published_at IS 'when the row was first published';
COMMENT ON COLUMN core.festivals.updated_at IS 'when a published value last changed';
COMMENT ON COLUMN core.festivals.removed_at IS 'when the place was proven gone; null while it exists';
COMMENT ON COLUMN core.festivals.overview IS 'description';
COMMENT ON COLUMN core.festivals.homepage IS 'web sites, with the names they were given';
COMMENT ON COLUMN core.festivals.homepage_url IS 'first of them';
COMMENT ON COLUMN core.festivals.event_start_date IS 'first day';
COMMENT ON COLUMN core.festivals.event_end_date IS 'last day';
COMMENT ON COLUMN core.festivals.event_dates_problem IS 'why the days are empty, and what was received';
COMMENT ON COLUMN core.festivals.progress IS 'whether cancelled (취소) or put off (행사연기)';
COMMENT ON COLUMN core.festivals.festival_format IS 'how it is held, e.g. 온라인';
COMMENT ON COLUMN core.festivals.festival_grade IS 'grade of the festival';
COMMENT ON COLUMN core.festivals.event_place IS 'where it takes place';
COMMENT ON COLUMN core.festivals.place_directions IS 'how to get there';
COMMENT ON COLUMN core.festivals.event_hours IS 'hours of the event';
COMMENT ON COLUMN core.festivals.opens_at IS 'when it begins, where that is the same every day';
COMMENT ON COLUMN core.festivals.closes_at IS 'when it ends, where that is the same every day';
COMMENT ON COLUMN core.festivals.program IS 'program';
COMMENT ON COLUMN core.festivals.side_events IS 'what takes place beside it';
COMMENT ON COLUMN core.festivals.admission_fee IS 'prices of admission';
COMMENT ON COLUMN core.festivals.admission_fee_won IS 'price of admission in won where there is one; 0: free';
COMMENT ON COLUMN core.festivals.discounts IS 'who pays less';
COMMENT ON COLUMN core.festivals.booking_place IS 'where to book';
COMMENT ON COLUMN core.festivals.age_limit IS 'ages that may attend';
COMMENT ON COLUMN core.festivals.visit_duration IS 'how long a visit takes';
COMMENT ON COLUMN core.festivals.visit_duration_minutes IS 'how long a visit takes, in minutes';
COMMENT ON COLUMN core.festivals.sponsor IS 'who holds it (주최)';
COMMENT ON COLUMN core.festivals.sponsor_phone IS 'their telephone';
COMMENT ON COLUMN core.festivals.organizer IS 'who runs it (주관)';
COMMENT ON COLUMN core.festivals.organizer_phone IS 'their telephone';
COMMENT ON COLUMN core.festivals.event_homepage IS 'web site of the event';
COMMENT ON COLUMN core.festivals.event_homepage_url IS 'its address';

CREATE TABLE core.travel_courses (
    content_id TEXT NOT NULL,
    content_type_id TEXT NOT NULL,
    title TEXT NOT NULL,
    region_code TEXT NOT NULL,
    region_source TEXT NOT NULL,
    sigungu_code TEXT,
    kto_area_code TEXT,
    address TEXT,
    address_detail TEXT,
    zip_code TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    coordinates_problem TEXT,
    phone TEXT,
    image_url TEXT,
    thumbnail_url TEXT,
    image_licence TEXT,
    class_division_code TEXT,
    class_group_code TEXT,
    class_code TEXT,
    legacy_area_code TEXT,
    legacy_sigungu_code TEXT,
    legacy_category_code_1 TEXT,
    legacy_category_code_2 TEXT,
    legacy_category_code_3 TEXT,
    map_level SMALLINT,
    created_at TIMESTAMP WITH TIME ZONE,
    modified_at TIMESTAMP WITH TIME ZONE,
    previous_content_id TEXT,
    completeness DOUBLE PRECISION NOT NULL,
    detail_completeness DOUBLE PRECISION,
    source_response_id BIGINT NOT NULL,
    detail_sources JSONB,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    overview TEXT,
    homepage TEXT,
    homepage_url TEXT,
    theme TEXT,
    schedule TEXT,
    distance TEXT,
    distance_km DOUBLE PRECISION,
    duration TEXT,
    duration_minutes INTEGER,
    enquiries TEXT,
    enquiry_phone TEXT,
    CONSTRAINT travel_courses_pkey PRIMARY KEY (content_id)
);
CREATE INDEX travel_courses_kto_area_code_idx ON core.travel_courses (kto_area_code);
CREATE INDEX travel_courses_region_code_idx ON core.travel_courses (region_code);
COMMENT ON TABLE core.travel_courses IS 'Published places of type 25 (여행코스).';
COMMENT ON COLUMN core.travel_courses.content_id IS 'KTO''s id of the place (contentid)';
COMMENT ON COLUMN core.travel_courses.content_type_id IS 'KTO content type: 12 attractions, 39 restaurants, …';
COMMENT ON COLUMN core.travel_courses.title IS 'name of the place';
COMMENT ON COLUMN core.travel_courses.region_code IS 'current region, or unassigned';
COMMENT ON COLUMN core.travel_courses.region_source IS 'how the region was found';
COMMENT ON COLUMN core.travel_courses.sigungu_code IS 'district within the region (시군구)';
COMMENT ON COLUMN core.travel_courses.kto_area_code IS 'area in the former KTO code space that the backend asks by';
COMMENT ON COLUMN core.travel_courses.address IS 'address (addr1)';
COMMENT ON COLUMN core.travel_courses.address_detail IS 'rest of the address (addr2)';
COMMENT ON COLUMN core.travel_courses.zip_code IS 'five-digit postal code';
COMMENT ON COLUMN core.travel_courses.latitude IS 'degrees north, WGS 84';
COMMENT ON COLUMN core.travel_courses.longitude IS 'degrees east, WGS 84';
COMMENT ON COLUMN core.travel_courses.coordinates_problem IS 'why latitude and longitude are empty';
COMMENT ON COLUMN core.travel_courses.phone IS 'telephone, first number first';
COMMENT ON COLUMN core.travel_courses.image_url IS 'main image, https';
COMMENT ON COLUMN core.travel_courses.thumbnail_url IS 'its thumbnail, https';
COMMENT ON COLUMN core.travel_courses.image_licence IS 'Type1: attribution; Type3: attribution, no alteration';
COMMENT ON COLUMN core.travel_courses.class_division_code IS 'classification, first level (lclsSystm1)';
COMMENT ON COLUMN core.travel_courses.class_group_code IS 'classification, second level (lclsSystm2)';
COMMENT ON COLUMN core.travel_courses.class_code IS 'classification, third level (lclsSystm3)';
COMMENT ON COLUMN core.travel_courses.legacy_area_code IS 'areacode as received; blank on rows edited since 2026';
COMMENT ON COLUMN core.travel_courses.legacy_sigungu_code IS 'sigungucode as received';
COMMENT ON COLUMN core.travel_courses.legacy_category_code_1 IS 'cat1 as received';
COMMENT ON COLUMN core.travel_courses.legacy_category_code_2 IS 'cat2 as received';
COMMENT ON COLUMN core.travel_courses.legacy_category_code_3 IS 'cat3 as received';
COMMENT ON COLUMN core.travel_courses.map_level IS 'the upstream''s map zoom (mlevel)';
COMMENT ON COLUMN core.travel_courses.created_at IS 'when the upstream created the place';
COMMENT ON COLUMN core.travel_courses.modified_at IS 'when the upstream last changed the place';
COMMENT ON COLUMN core.travel_courses.previous_content_id IS 'id the place had before the upstream gave it a new one';
COMMENT ON COLUMN core.travel_courses.completeness IS 'share of the descriptive columns that are filled, 0 to 1';
COMMENT ON COLUMN core.travel_courses.detail_completeness IS 'likewise of the columns from details; null before these are collected';
COMMENT ON COLUMN core.travel_courses.source_response_id IS 'the response with the list item the row was made from';
COMMENT ON COLUMN core.travel_courses.detail_sources IS 'the response each value from details came from, by column';
COMMENT ON COLUMN core.travel_courses.published_at IS 'when the row was first published';
COMMENT ON COLUMN core.travel_courses.updated_at IS 'when a published value last changed';
COMMENT ON COLUMN core.travel_courses.removed_at IS 'when the place was proven gone; null while it exists';
COMMENT ON COLUMN core.travel_courses.overview IS 'description';
COMMENT ON COLUMN core.travel_courses.homepage IS 'web sites, with the names they were given';
COMMENT ON COLUMN core.travel_courses.homepage_url IS 'first of them';
COMMENT ON COLUMN core.travel_courses.theme IS 'theme of the course';
COMMENT ON COLUMN core.travel_courses.schedule IS 'days it takes: 당일, 1박 2일, …';
COMMENT ON COLUMN core.travel_courses.distance IS 'length of the course';
COMMENT ON COLUMN core.travel_courses.distance_km IS 'length of the course in kilometres';
COMMENT ON COLUMN core.travel_courses.duration IS 'how long it takes';
COMMENT ON COLUMN core.travel_courses.duration_minutes IS 'how long it takes in minutes, where that is told in hours';
COMMENT ON COLUMN core.travel_courses.enquiries IS 'whom to ask, with telephone numbers';
COMMENT ON COLUMN core.travel_courses.enquiry_phone IS 'first telephone number to ask';

CREATE TABLE core.leisure_sports (
    content_id TEXT NOT NULL,
    content_type_id TEXT NOT NULL,
    title TEXT NOT NULL,
    region_code TEXT NOT NULL,
    region_source TEXT NOT NULL,
    sigungu_code TEXT,
    kto_area_code TEXT,
    address TEXT,
    address_detail TEXT,
    zip_code TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    coordinates_problem TEXT,
    phone TEXT,
    image_url TEXT,
    thumbnail_url TEXT,
    image_licence TEXT,
    class_division_code TEXT,
    class_group_code TEXT,
    class_code TEXT,
    legacy_area_code TEXT,
    legacy_sigungu_code TEXT,
    legacy_category_code_1 TEXT,
    legacy_category_code_2 TEXT,
    legacy_category_code_3 TEXT,
    map_level SMALLINT,
    created_at TIMESTAMP WITH TIME ZONE,
    modified_at TIMESTAMP WITH TIME ZONE,
    previous_content_id TEXT,
    completeness DOUBLE PRECISION NOT NULL,
    detail_completeness DOUBLE PRECISION,
    source_response_id BIGINT NOT NULL,
    detail_sources JSONB,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    overview TEXT,
    homepage TEXT,
    homepage_url TEXT,
    opening_hours TEXT,
    opens_at TIME WITHOUT TIME ZONE,
    closes_at TIME WITHOUT TIME ZONE,
    rest_days TEXT,
    open_all_year BOOLEAN,
    season TEXT,
    admission_fee TEXT,
    admission_fee_won INTEGER,
    reservations TEXT,
    age_limit TEXT,
    parking TEXT,
    parking_available BOOLEAN,
    parking_fee TEXT,
    parking_fee_won INTEGER,
    scale TEXT,
    capacity TEXT,
    capacity_count INTEGER,
    baby_carriages TEXT,
    baby_carriages_available BOOLEAN,
    pets TEXT,
    pets_allowed BOOLEAN,
    credit_cards TEXT,
    credit_cards_accepted BOOLEAN,
    enquiries TEXT,
    enquiry_phone TEXT,
    CONSTRAINT leisure_sports_pkey PRIMARY KEY (content_id)
);
CREATE INDEX leisure_sports_kto_area_code_idx ON core.leisure_sports (kto_area_code);
CREATE INDEX leisure_sports_region_code_idx ON core.leisure_sports (region_code);
COMMENT ON TABLE core.leisure_sports IS 'Published places of type 28 (레포츠).';
COMMENT ON COLUMN core.leisure_sports.content_id IS 'KTO''s id of the place (contentid)';
COMMENT ON COLUMN core.leisure_sports.content_type_id IS 'KTO content type: 12 attractions, 39 restaurants, …';
COMMENT ON COLUMN core.leisure_sports.title IS 'name of the place';
COMMENT ON COLUMN core.leisure_sports.region_code IS 'current region, or unassigned';
COMMENT ON COLUMN core.leisure_sports.region_source IS 'how the region was found';
COMMENT ON COLUMN core.leisure_sports.sigungu_code IS 'district within the region (시군구)';
COMMENT ON COLUMN core.leisure_sports.kto_area_code IS 'area in the former KTO code space that the backend asks by';
COMMENT ON COLUMN core.leisure_sports.address IS 'address (addr1)';
COMMENT ON COLUMN core.leisure_sports.address_detail IS 'rest of the address (addr2)';
COMMENT ON COLUMN core.leisure_sports.zip_code IS 'five-digit postal code';
COMMENT ON COLUMN core.leisure_sports.latitude IS 'degrees north, WGS 84';
COMMENT ON COLUMN core.leisure_sports.longitude IS 'degrees east, WGS 84';
COMMENT ON COLUMN core.leisure_sports.coordinates_problem IS 'why latitude and longitude are empty';
COMMENT ON COLUMN core.leisure_sports.phone IS 'telephone, first number first';
COMMENT ON COLUMN core.leisure_sports.image_url IS 'main image, https';
COMMENT ON COLUMN core.leisure_sports.thumbnail_url IS 'its thumbnail, https';
COMMENT ON COLUMN core.leisure_sports.image_licence IS 'Type1: attribution; Type3: attribution, no alteration';
COMMENT ON COLUMN core.leisure_sports.class_division_code IS 'classification, first level (lclsSystm1)';
COMMENT ON COLUMN core.leisure_sports.class_group_code IS 'classification, second level (lclsSystm2)';
COMMENT ON COLUMN core.leisure_sports.class_code IS 'classification, third level (lclsSystm3)';
COMMENT ON COLUMN core.leisure_sports.legacy_area_code IS 'areacode as received; blank on rows edited since 2026';
COMMENT ON COLUMN core.leisure_sports.legacy_sigungu_code IS 'sigungucode as received';
COMMENT ON COLUMN core.leisure_sports.legacy_category_code_1 IS 'cat1 as received';
COMMENT ON COLUMN core.leisure_sports.legacy_category_code_2 IS 'cat2 as received';
COMMENT ON COLUMN core.leisure_sports.legacy_category_code_3 IS 'cat3 as received';
COMMENT ON COLUMN core.leisure_sports.map_level IS 'the upstream''s map zoom (mlevel)';
COMMENT ON COLUMN core.leisure_sports.created_at IS 'when the upstream created the place';
COMMENT ON COLUMN core.leisure_sports.modified_at IS 'when the upstream last changed the place';
COMMENT ON COLUMN core.leisure_sports.previous_content_id IS 'id the place had before the upstream gave it a new one';
COMMENT ON COLUMN core.leisure_sports.completeness IS 'share of the descriptive columns that are filled, 0 to 1';
COMMENT ON COLUMN core.leisure_sports.detail_completeness IS 'likewise of the columns from details; null before these are collected';
COMMENT ON COLUMN core.leisure_sports.source_response_id IS 'the response with the list item the row was made from';
COMMENT ON COLUMN core.leisure_sports.detail_sources IS 'the response each value from details came from, by column';
COMMENT ON COLUMN core.leisure_sports.published_at IS 'when the row was first published';
COMMENT ON COLUMN core.leisure_sports.updated_at IS 'when a published value last changed';
COMMENT ON COLUMN core.leisure_sports.removed_at IS 'when the place was proven gone; null while it exists';
COMMENT ON COLUMN core.leisure_sports.overview IS 'description';
COMMENT ON COLUMN core.leisure_sports.homepage IS 'web sites, with the names they were given';
COMMENT ON COLUMN core.leisure_sports.homepage_url IS 'first of them';
COMMENT ON COLUMN core.leisure_sports.opening_hours IS 'opening hours';
COMMENT ON COLUMN core.leisure_sports.opens_at IS 'when it opens, where that is the same every day';
COMMENT ON COLUMN core.leisure_sports.closes_at IS 'when it closes, where that is the same every day';
COMMENT ON COLUMN core.leisure_sports.rest_days IS 'days on which it is closed';
COMMENT ON COLUMN core.leisure_sports.open_all_year IS 'whether it has no days of rest';
COMMENT ON COLUMN core.leisure_sports.season IS 'time of the year in which it is open';
COMMENT ON COLUMN core.leisure_sports.admission_fee IS 'prices of admission';
COMMENT ON COLUMN core.leisure_sports.admission_fee_won IS 'price of admission in won where there is one; 0: free';
COMMENT ON COLUMN core.leisure_sports.reservations IS 'how to reserve';
COMMENT ON COLUMN core.leisure_sports.age_limit IS 'ages that can take part';
COMMENT ON COLUMN core.leisure_sports.parking IS 'parking: whether, how many, at what price';
COMMENT ON COLUMN core.leisure_sports.parking_available IS 'whether one can park';
COMMENT ON COLUMN core.leisure_sports.parking_fee IS 'price of parking';
COMMENT ON COLUMN core.leisure_sports.parking_fee_won IS 'price of parking in won; 0: free';
COMMENT ON COLUMN core.leisure_sports.scale IS 'size of the site';
COMMENT ON COLUMN core.leisure_sports.capacity IS 'how many find room';
COMMENT ON COLUMN core.leisure_sports.capacity_count IS 'how many people find room';
COMMENT ON COLUMN core.leisure_sports.baby_carriages IS 'rental of baby carriages';
COMMENT ON COLUMN core.leisure_sports.baby_carriages_available IS 'whether baby carriages are rented';
COMMENT ON COLUMN core.leisure_sports.pets IS 'coming with pets';
COMMENT ON COLUMN core.leisure_sports.pets_allowed IS 'whether pets may come';
COMMENT ON COLUMN core.leisure_sports.credit_cards IS 'payment by credit card';
COMMENT ON COLUMN core.leisure_sports.credit_cards_accepted IS 'whether credit cards are accepted';
COMMENT ON COLUMN core.leisure_sports.enquiries IS 'whom to ask, with telephone numbers';
COMMENT ON COLUMN core.leisure_sports.enquiry_phone IS 'first telephone number to ask';

CREATE TABLE core.accommodations (
    content_id TEXT NOT NULL,
    content_type_id TEXT NOT NULL,
    title TEXT NOT NULL,
    region_code TEXT NOT NULL,
    region_source TEXT NOT NULL,
    sigungu_code TEXT,
    kto_area_code TEXT,
    address TEXT,
    address_detail TEXT,
    zip_code TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    coordinates_problem TEXT,
    phone TEXT,
    image_url TEXT,
    thumbnail_url TEXT,
    image_licence TEXT,
    class_division_code TEXT,
    class_group_code TEXT,
    class_code TEXT,
    legacy_area_code TEXT,
    legacy_sigungu_code TEXT,
    legacy_category_code_1 TEXT,
    legacy_category_code_2 TEXT,
    legacy_category_code_3 TEXT,
    map_level SMALLINT,
    created_at TIMESTAMP WITH TIME ZONE,
    modified_at TIMESTAMP WITH TIME ZONE,
    previous_content_id TEXT,
    completeness DOUBLE PRECISION NOT NULL,
    detail_completeness DOUBLE PRECISION,
    source_response_id BIGINT NOT NULL,
    detail_sources JSONB,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    overview TEXT,
    homepage TEXT,
    homepage_url TEXT,
    check_in TEXT,
    check_in_time TIME WITHOUT TIME ZONE,
    check_out TEXT,
    check_out_time TIME WITHOUT TIME ZONE,
    rooms TEXT,
    room_count INTEGER,
    room_types TEXT,
    capacity TEXT,
    capacity_count INTEGER,
    scale TEXT,
    refund_policy TEXT,
    reservations TEXT,
    reservation_site TEXT,
    reservation_url TEXT,
    parking TEXT,
    parking_available BOOLEAN,
    pickup_service TEXT,
    pickup_available BOOLEAN,
    cooking TEXT,
    cooking_allowed BOOLEAN,
    dining TEXT,
    other_facilities TEXT,
    has_seminar_room BOOLEAN,
    has_sports_facility BOOLEAN,
    has_sauna BOOLEAN,
    has_beauty_salon BOOLEAN,
    has_beverage_bar BOOLEAN,
    has_karaoke BOOLEAN,
    has_barbecue BOOLEAN,
    has_campfire BOOLEAN,
    has_bicycle_rental BOOLEAN,
    has_fitness_centre BOOLEAN,
    has_public_computers BOOLEAN,
    has_public_bath BOOLEAN,
    enquiries TEXT,
    enquiry_phone TEXT,
    CONSTRAINT accommodations_pkey PRIMARY KEY (content_id)
);
CREATE INDEX accommodations_kto_area_code_idx ON core.accommodations (kto_area_code);
CREATE INDEX accommodations_region_code_idx ON core.accommodations (region_code);
COMMENT ON TABLE core.accommodations IS 'Published places of type 32 (숙박).';
COMMENT ON COLUMN core.accommodations.content_id IS 'KTO''s id of the place (contentid)';
COMMENT ON COLUMN core.accommodations.content_type_id IS 'KTO content type: 12 attractions, 39 restaurants, …';
COMMENT ON COLUMN core.accommodations.title IS 'name of the place';
COMMENT ON COLUMN core.accommodations.region_code IS 'current region, or unassigned';
COMMENT ON COLUMN core.accommodations.region_source IS 'how the region was found';
COMMENT ON COLUMN core.accommodations.sigungu_code IS 'district within the region (시군구)';
COMMENT ON COLUMN core.accommodations.kto_area_code IS 'area in the former KTO code space that the backend asks by';
COMMENT ON COLUMN core.accommodations.address IS 'address (addr1)';
COMMENT ON COLUMN core.accommodations.address_detail IS 'rest of the address (addr2)';
COMMENT ON COLUMN core.accommodations.zip_code IS 'five-digit postal code';
COMMENT ON COLUMN core.accommodations.latitude IS 'degrees north, WGS 84';
COMMENT ON COLUMN core.accommodations.longitude IS 'degrees east, WGS 84';
COMMENT ON COLUMN core.accommodations.coordinates_problem IS 'why latitude and longitude are empty';
COMMENT ON COLUMN core.accommodations.phone IS 'telephone, first number first';
COMMENT ON COLUMN core.accommodations.image_url IS 'main image, https';
COMMENT ON COLUMN core.accommodations.thumbnail_url IS 'its thumbnail, https';
COMMENT ON COLUMN core.accommodations.image_licence IS 'Type1: attribution; Type3: attribution, no alteration';
COMMENT ON COLUMN core.accommodations.class_division_code IS 'classification, first level (lclsSystm1)';
COMMENT ON COLUMN core.accommodations.class_group_code IS 'classification, second level (lclsSystm2)';
COMMENT ON COLUMN core.accommodations.class_code IS 'classification, third level (lclsSystm3)';
COMMENT ON COLUMN core.accommodations.legacy_area_code IS 'areacode as received; blank on rows edited since 2026';
COMMENT ON COLUMN core.accommodations.legacy_sigungu_code IS 'sigungucode as received';
COMMENT ON COLUMN core.accommodations.legacy_category_code_1 IS 'cat1 as received';
COMMENT ON COLUMN core.accommodations.legacy_category_code_2 IS 'cat2 as received';
COMMENT ON COLUMN core.accommodations.legacy_category_code_3 IS 'cat3 as received';
COMMENT ON COLUMN core.accommodations.map_level IS 'the upstream''s map zoom (mlevel)';
COMMENT ON COLUMN core.accommodations.created_at IS 'when the upstream created the place';
COMMENT ON COLUMN core.accommodations.modified_at IS 'when the upstream last changed the place';
COMMENT ON COLUMN core.accommodations.previous_content_id IS 'id the place had before the upstream gave it a new one';
COMMENT ON COLUMN core.accommodations.completeness IS 'share of the descriptive columns that are filled, 0 to 1';
COMMENT ON COLUMN core.accommodations.detail_completeness IS 'likewise of the columns from details; null before these are collected';
COMMENT ON COLUMN core.accommodations.source_response_id IS 'the response with the list item the row was made from';
COMMENT ON COLUMN core.accommodations.detail_sources IS 'the response each value from details came from, by column';
COMMENT ON COLUMN core.accommodations.published_at IS 'when the row was first published';
COMMENT ON COLUMN core.accommodations.updated_at IS 'when a published value last changed';
COMMENT ON COLUMN core.accommodations.removed_at IS 'when the place was proven gone; null while it exists';
COMMENT ON COLUMN core.accommodations.overview IS 'description';
COMMENT ON COLUMN core.accommodations.homepage IS 'web sites, with the names they were given';
COMMENT ON COLUMN core.accommodations.homepage_url IS 'first of them';
COMMENT ON COLUMN core.accommodations.check_in IS 'from when one can check in';
COMMENT ON COLUMN core.accommodations.check_in_time IS 'from when one can check in, time of day';
COMMENT ON COLUMN core.accommodations.check_out IS 'by when one checks out';
COMMENT ON COLUMN core.accommodations.check_out_time IS 'by when one checks out, time of day';
COMMENT ON COLUMN core.accommodations.rooms IS 'rooms';
COMMENT ON COLUMN core.accommodations.room_count IS 'number of rooms';
COMMENT ON COLUMN core.accommodations.room_types IS 'types of rooms';
COMMENT ON COLUMN core.accommodations.capacity IS 'how many find room';
COMMENT ON COLUMN core.accommodations.capacity_count IS 'how many people find room';
COMMENT ON COLUMN core.accommodations.scale IS 'size of site and buildings';
COMMENT ON COLUMN core.accommodations.refund_policy IS 'what is paid back when';
COMMENT ON COLUMN core.accommodations.reservations IS 'how to reserve';
COMMENT ON COLUMN core.accommodations.reservation_site IS 'web site for reservations';
COMMENT ON COLUMN core.accommodations.reservation_url IS 'its address';
COMMENT ON COLUMN core.accommodations.parking IS 'parking: whether, how many, at what price';
COMMENT ON COLUMN core.accommodations.parking_available IS 'whether one can park';
COMMENT ON COLUMN core.accommodations.pickup_service IS 'being picked up';
COMMENT ON COLUMN core.accommodations.pickup_available IS 'whether guests are picked up';
COMMENT ON COLUMN core.accommodations.cooking IS 'cooking in the room';
COMMENT ON COLUMN core.accommodations.cooking_allowed IS 'whether one can cook in the room';
COMMENT ON COLUMN core.accommodations.dining IS 'where to eat and drink';
COMMENT ON COLUMN core.accommodations.other_facilities IS 'further facilities';
COMMENT ON COLUMN core.accommodations.has_seminar_room IS 'whether it has a seminar room';
COMMENT ON COLUMN core.accommodations.has_sports_facility IS 'whether it has a sports facility';
COMMENT ON COLUMN core.accommodations.has_sauna IS 'whether it has a sauna';
COMMENT ON COLUMN core.accommodations.has_beauty_salon IS 'whether it has a beauty salon';
COMMENT ON COLUMN core.accommodations.has_beverage_bar IS 'whether it has a place for food and drink (식음료장)';
COMMENT ON COLUMN core.accommodations.has_karaoke IS 'whether it has karaoke';
COMMENT ON COLUMN core.accommodations.has_barbecue IS 'whether it has a place for barbecues';
COMMENT ON COLUMN core.accommodations.has_campfire IS 'whether it has a place for campfires';
COMMENT ON COLUMN core.accommodations.has_bicycle_rental IS 'whether it rents bicycles';
COMMENT ON COLUMN core.accommodations.has_fitness_centre IS 'whether it has a fitness centre';
COMMENT ON COLUMN core.accommodations.has_public_computers IS 'whether it has computers for guests';
COMMENT ON COLUMN core.accommodations.has_public_bath IS 'whether it has a bath for all';
COMMENT ON COLUMN core.accommodations.enquiries IS 'whom to ask, with telephone numbers';
COMMENT ON COLUMN core.accommodations.enquiry_phone IS 'first telephone number to ask';

CREATE TABLE core.shopping (
    content_id TEXT NOT NULL,
    content_type_id TEXT NOT NULL,
    title TEXT NOT NULL,
    region_code TEXT NOT NULL,
    region_source TEXT NOT NULL,
    sigungu_code TEXT,
    kto_area_code TEXT,
    address TEXT,
    address_detail TEXT,
    zip_code TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    coordinates_problem TEXT,
    phone TEXT,
    image_url TEXT,
    thumbnail_url TEXT,
    image_licence TEXT,
    class_division_code TEXT,
    class_group_code TEXT,
    class_code TEXT,
    legacy_area_code TEXT,
    legacy_sigungu_code TEXT,
    legacy_category_code_1 TEXT,
    legacy_category_code_2 TEXT,
    legacy_category_code_3 TEXT,
    map_level SMALLINT,
    created_at TIMESTAMP WITH TIME ZONE,
    modified_at TIMESTAMP WITH TIME ZONE,
    previous_content_id TEXT,
    completeness DOUBLE PRECISION NOT NULL,
    detail_completeness DOUBLE PRECISION,
    source_response_id BIGINT NOT NULL,
    detail_sources JSONB,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    overview TEXT,
    homepage TEXT,
    homepage_url TEXT,
    opening_hours TEXT,
    opens_at TIME WITHOUT TIME ZONE,
    closes_at TIME WITHOUT TIME ZONE,
    rest_days TEXT,
    open_all_year BOOLEAN,
    market_days TEXT,
    sale_items TEXT,
    sale_item_prices TEXT,
    shop_guide TEXT,
    culture_centre TEXT,
    opened TEXT,
    opened_on DATE,
    parking TEXT,
    parking_available BOOLEAN,
    restrooms TEXT,
    restrooms_available BOOLEAN,
    scale TEXT,
    baby_carriages TEXT,
    baby_carriages_available BOOLEAN,
    pets TEXT,
    pets_allowed BOOLEAN,
    credit_cards TEXT,
    credit_cards_accepted BOOLEAN,
    enquiries TEXT,
    enquiry_phone TEXT,
    CONSTRAINT shopping_pkey PRIMARY KEY (content_id)
);
CREATE INDEX shopping_kto_area_code_idx ON core.shopping (kto_area_code);
CREATE INDEX shopping_region_code_idx ON core.shopping (region_code);
COMMENT ON TABLE core.shopping IS 'Published places of type 38 (쇼핑).';
COMMENT ON COLUMN core.shopping.content_id IS 'KTO''s id of the place (contentid)';
COMMENT ON COLUMN core.shopping.content_type_id IS 'KTO content type: 12 attractions, 39 restaurants, …';
COMMENT ON COLUMN core.shopping.title IS 'name of the place';
COMMENT ON COLUMN core.shopping.region_code IS 'current region, or unassigned';
COMMENT ON COLUMN core.shopping.region_source IS 'how the region was found';
COMMENT ON COLUMN core.shopping.sigungu_code IS 'district within the region (시군구)';
COMMENT ON COLUMN core.shopping.kto_area_code IS 'area in the former KTO code space that the backend asks by';
COMMENT ON COLUMN core.shopping.address IS 'address (addr1)';
COMMENT ON COLUMN core.shopping.address_detail IS 'rest of the address (addr2)';
COMMENT ON COLUMN core.shopping.zip_code IS 'five-digit postal code';
COMMENT ON COLUMN core.shopping.latitude IS 'degrees north, WGS 84';
COMMENT ON COLUMN core.shopping.longitude IS 'degrees east, WGS 84';
COMMENT ON COLUMN core.shopping.coordinates_problem IS 'why latitude and longitude are empty';
COMMENT ON COLUMN core.shopping.phone IS 'telephone, first number first';
COMMENT ON COLUMN core.shopping.image_url IS 'main image, https';
COMMENT ON COLUMN core.shopping.thumbnail_url IS 'its thumbnail, https';
COMMENT ON COLUMN core.shopping.image_licence IS 'Type1: attribution; Type3: attribution, no alteration';
COMMENT ON COLUMN core.shopping.class_division_code IS 'classification, first level (lclsSystm1)';
COMMENT ON COLUMN core.shopping.class_group_code IS 'classification, second level (lclsSystm2)';
COMMENT ON COLUMN core.shopping.class_code IS 'classification, third level (lclsSystm3)';
COMMENT ON COLUMN core.shopping.legacy_area_code IS 'areacode as received; blank on rows edited since 2026';
COMMENT ON COLUMN core.shopping.legacy_sigungu_code IS 'sigungucode as received';
COMMENT ON COLUMN core.shopping.legacy_category_code_1 IS 'cat1 as received';
COMMENT ON COLUMN core.shopping.legacy_category_code_2 IS 'cat2 as received';
COMMENT ON COLUMN core.shopping.legacy_category_code_3 IS 'cat3 as received';
COMMENT ON COLUMN core.shopping.map_level IS 'the upstream''s map zoom (mlevel)';
COMMENT ON COLUMN core.shopping.created_at IS 'when the upstream created the place';
COMMENT ON COLUMN core.shopping.modified_at IS 'when the upstream last changed the place';
COMMENT ON COLUMN core.shopping.previous_content_id IS 'id the place had before the upstream gave it a new one';
COMMENT ON COLUMN core.shopping.completeness IS 'share of the descriptive columns that are filled, 0 to 1';
COMMENT ON COLUMN core.shopping.detail_completeness IS 'likewise of the columns from details; null before these are collected';
COMMENT ON COLUMN core.shopping.source_response_id IS 'the response with the list item the row was made from';
COMMENT ON COLUMN core.shopping.detail_sources IS 'the response each value from details came from, by column';
COMMENT ON COLUMN core.shopping.published_at IS 'when the row was first published';
COMMENT ON COLUMN core.shopping.updated_at IS 'when a published value last changed';
COMMENT ON COLUMN core.shopping.removed_at IS 'when the place was proven gone; null while it exists';
COMMENT ON COLUMN core.shopping.overview IS 'description';
COMMENT ON COLUMN core.shopping.homepage IS 'web sites, with the names they were given';
COMMENT ON COLUMN core.shopping.homepage_url IS 'first of them';
COMMENT ON COLUMN core.shopping.opening_hours IS 'opening hours';
COMMENT ON COLUMN core.shopping.opens_at IS 'when it opens, where that is the same every day';
COMMENT ON COLUMN core.shopping.closes_at IS 'when it closes, where that is the same every day';
COMMENT ON COLUMN core.shopping.rest_days IS 'days on which it is closed';
COMMENT ON COLUMN core.shopping.open_all_year IS 'whether it has no days of rest';
COMMENT ON COLUMN core.shopping.market_days IS 'days of the market';
COMMENT ON COLUMN core.shopping.sale_items IS 'what is sold';
COMMENT ON COLUMN core.shopping.sale_item_prices IS 'what it costs';
COMMENT ON COLUMN core.shopping.shop_guide IS 'about the shops; refund of taxes';
COMMENT ON COLUMN core.shopping.culture_centre IS 'culture centre';
COMMENT ON COLUMN core.shopping.opened IS 'when it was opened, sometimes the year alone';
COMMENT ON COLUMN core.shopping.opened_on IS 'day on which it was opened';
COMMENT ON COLUMN core.shopping.parking IS 'parking: whether, how many, at what price';
COMMENT ON COLUMN core.shopping.parking_available IS 'whether one can park';
COMMENT ON COLUMN core.shopping.restrooms IS 'restrooms';
COMMENT ON COLUMN core.shopping.restrooms_available IS 'whether there are restrooms';
COMMENT ON COLUMN core.shopping.scale IS 'size, number of shops';
COMMENT ON COLUMN core.shopping.baby_carriages IS 'rental of baby carriages';
COMMENT ON COLUMN core.shopping.baby_carriages_available IS 'whether baby carriages are rented';
COMMENT ON COLUMN core.shopping.pets IS 'coming with pets';
COMMENT ON COLUMN core.shopping.pets_allowed IS 'whether pets may come';
COMMENT ON COLUMN core.shopping.credit_cards IS 'payment by credit card';
COMMENT ON COLUMN core.shopping.credit_cards_accepted IS 'whether credit cards are accepted';
COMMENT ON COLUMN core.shopping.enquiries IS 'whom to ask, with telephone numbers';
COMMENT ON COLUMN core.shopping.enquiry_phone IS 'first telephone number to ask';

ALTER TABLE core.restaurants
    ADD COLUMN previous_content_id TEXT,
    ADD COLUMN detail_completeness DOUBLE PRECISION,
    ADD COLUMN detail_sources JSONB,
    ADD COLUMN overview TEXT,
    ADD COLUMN homepage TEXT,
    ADD COLUMN homepage_url TEXT,
    ADD COLUMN opening_hours TEXT,
    ADD COLUMN opens_at TIME WITHOUT TIME ZONE,
    ADD COLUMN closes_at TIME WITHOUT TIME ZONE,
    ADD COLUMN rest_days TEXT,
    ADD COLUMN open_all_year BOOLEAN,
    ADD COLUMN signature_dish TEXT,
    ADD COLUMN menu TEXT,
    ADD COLUMN seats TEXT,
    ADD COLUMN seat_count INTEGER,
    ADD COLUMN scale TEXT,
    ADD COLUMN reservations TEXT,
    ADD COLUMN reservations_accepted BOOLEAN,
    ADD COLUMN takeout TEXT,
    ADD COLUMN takeout_available BOOLEAN,
    ADD COLUMN smoking TEXT,
    ADD COLUMN smoking_allowed BOOLEAN,
    ADD COLUMN has_kids_facility BOOLEAN,
    ADD COLUMN parking TEXT,
    ADD COLUMN parking_available BOOLEAN,
    ADD COLUMN discounts TEXT,
    ADD COLUMN credit_cards TEXT,
    ADD COLUMN credit_cards_accepted BOOLEAN,
    ADD COLUMN opened TEXT,
    ADD COLUMN opened_on DATE,
    ADD COLUMN licence_number TEXT,
    ADD COLUMN enquiries TEXT,
    ADD COLUMN enquiry_phone TEXT;
COMMENT ON COLUMN core.restaurants.previous_content_id IS 'id the place had before the upstream gave it a new one';
COMMENT ON COLUMN core.restaurants.detail_completeness IS 'likewise of the columns from details; null before these are collected';
COMMENT ON COLUMN core.restaurants.source_response_id IS 'the response with the list item the row was made from';
COMMENT ON COLUMN core.restaurants.detail_sources IS 'the response each value from details came from, by column';
COMMENT ON COLUMN core.restaurants.overview IS 'description';
COMMENT ON COLUMN core.restaurants.homepage IS 'web sites, with the names they were given';
COMMENT ON COLUMN core.restaurants.homepage_url IS 'first of them';
COMMENT ON COLUMN core.restaurants.opening_hours IS 'opening hours';
COMMENT ON COLUMN core.restaurants.opens_at IS 'when it opens, where that is the same every day';
COMMENT ON COLUMN core.restaurants.closes_at IS 'when it closes, where that is the same every day';
COMMENT ON COLUMN core.restaurants.rest_days IS 'days on which it is closed';
COMMENT ON COLUMN core.restaurants.open_all_year IS 'whether it has no days of rest';
COMMENT ON COLUMN core.restaurants.signature_dish IS 'dish it is known for';
COMMENT ON COLUMN core.restaurants.menu IS 'dishes';
COMMENT ON COLUMN core.restaurants.seats IS 'seats';
COMMENT ON COLUMN core.restaurants.seat_count IS 'number of seats';
COMMENT ON COLUMN core.restaurants.scale IS 'size';
COMMENT ON COLUMN core.restaurants.reservations IS 'how to reserve';
COMMENT ON COLUMN core.restaurants.reservations_accepted IS 'whether one can reserve';
COMMENT ON COLUMN core.restaurants.takeout IS 'food to take away';
COMMENT ON COLUMN core.restaurants.takeout_available IS 'whether food can be taken away';
COMMENT ON COLUMN core.restaurants.smoking IS 'smoking';
COMMENT ON COLUMN core.restaurants.smoking_allowed IS 'whether one may smoke';
COMMENT ON COLUMN core.restaurants.has_kids_facility IS 'whether it has a playroom for children';
COMMENT ON COLUMN core.restaurants.parking IS 'parking: whether, how many, at what price';
COMMENT ON COLUMN core.restaurants.parking_available IS 'whether one can park';
COMMENT ON COLUMN core.restaurants.discounts IS 'who pays less';
COMMENT ON COLUMN core.restaurants.credit_cards IS 'payment by credit card';
COMMENT ON COLUMN core.restaurants.credit_cards_accepted IS 'whether credit cards are accepted';
COMMENT ON COLUMN core.restaurants.opened IS 'when it was opened, sometimes the year alone';
COMMENT ON COLUMN core.restaurants.opened_on IS 'day on which it was opened';
COMMENT ON COLUMN core.restaurants.licence_number IS 'number of the business licence';
COMMENT ON COLUMN core.restaurants.enquiries IS 'whom to ask, with telephone numbers';
COMMENT ON COLUMN core.restaurants.enquiry_phone IS 'first telephone number to ask';

CREATE TABLE core.place_images (
    content_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    content_type_id TEXT NOT NULL,
    region_code TEXT NOT NULL,
    serial_number TEXT,
    caption TEXT,
    image_url TEXT,
    thumbnail_url TEXT,
    licence TEXT,
    source_response_id BIGINT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT place_images_pkey PRIMARY KEY (content_id, position)
);
CREATE INDEX place_images_region_code_idx ON core.place_images (region_code);
COMMENT ON TABLE core.place_images IS 'Images of places, in their order.';
COMMENT ON COLUMN core.place_images.content_id IS 'the place it is about';
COMMENT ON COLUMN core.place_images.position IS 'its place in the order, from 1';
COMMENT ON COLUMN core.place_images.content_type_id IS 'kind of that place';
COMMENT ON COLUMN core.place_images.region_code IS 'its region';
COMMENT ON COLUMN core.place_images.serial_number IS 'the upstream''s number of the image';
COMMENT ON COLUMN core.place_images.caption IS 'what the image shows';
COMMENT ON COLUMN core.place_images.image_url IS 'image, https';
COMMENT ON COLUMN core.place_images.thumbnail_url IS 'its thumbnail, https';
COMMENT ON COLUMN core.place_images.licence IS 'Type1: attribution; Type3: attribution, no alteration';
COMMENT ON COLUMN core.place_images.source_response_id IS 'the response the row was made from';
COMMENT ON COLUMN core.place_images.updated_at IS 'when a value last changed';

CREATE TABLE core.place_infos (
    content_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    content_type_id TEXT NOT NULL,
    region_code TEXT NOT NULL,
    name TEXT,
    text TEXT,
    group_code TEXT,
    source_response_id BIGINT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT place_infos_pkey PRIMARY KEY (content_id, position)
);
CREATE INDEX place_infos_region_code_idx ON core.place_infos (region_code);
COMMENT ON TABLE core.place_infos IS 'What else is said about places: names and texts.';
COMMENT ON COLUMN core.place_infos.content_id IS 'the place it is about';
COMMENT ON COLUMN core.place_infos.position IS 'its place in the order, from 1';
COMMENT ON COLUMN core.place_infos.content_type_id IS 'kind of that place';
COMMENT ON COLUMN core.place_infos.region_code IS 'its region';
COMMENT ON COLUMN core.place_infos.name IS 'what it is about, e.g. 화장실';
COMMENT ON COLUMN core.place_infos.text IS 'what is said about it';
COMMENT ON COLUMN core.place_infos.group_code IS 'the upstream''s grouping, 1 to 4';
COMMENT ON COLUMN core.place_infos.source_response_id IS 'the response the row was made from';
COMMENT ON COLUMN core.place_infos.updated_at IS 'when a value last changed';

CREATE TABLE core.course_stops (
    content_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    content_type_id TEXT NOT NULL,
    region_code TEXT NOT NULL,
    stop_content_id TEXT,
    name TEXT,
    description TEXT,
    image_url TEXT,
    image_caption TEXT,
    source_response_id BIGINT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT course_stops_pkey PRIMARY KEY (content_id, position)
);
CREATE INDEX course_stops_region_code_idx ON core.course_stops (region_code);
COMMENT ON TABLE core.course_stops IS 'The stops of courses, in order.';
COMMENT ON COLUMN core.course_stops.content_id IS 'the place it is about';
COMMENT ON COLUMN core.course_stops.position IS 'its place in the order, from 1';
COMMENT ON COLUMN core.course_stops.content_type_id IS 'kind of that place';
COMMENT ON COLUMN core.course_stops.region_code IS 'its region';
COMMENT ON COLUMN core.course_stops.stop_content_id IS 'content id of the place where the course stops';
COMMENT ON COLUMN core.course_stops.name IS 'name of the stop';
COMMENT ON COLUMN core.course_stops.description IS 'description of the stop';
COMMENT ON COLUMN core.course_stops.image_url IS 'image, https';
COMMENT ON COLUMN core.course_stops.image_caption IS 'what the image shows';
COMMENT ON COLUMN core.course_stops.source_response_id IS 'the response the row was made from';
COMMENT ON COLUMN core.course_stops.updated_at IS 'when a value last changed';

CREATE TABLE core.rooms (
    content_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    content_type_id TEXT NOT NULL,
    region_code TEXT NOT NULL,
    room_code TEXT,
    title TEXT,
    description TEXT,
    size_pyeong DOUBLE PRECISION,
    size_square_metres DOUBLE PRECISION,
    room_count INTEGER,
    guests INTEGER,
    most_guests INTEGER,
    off_season_weekday_fee INTEGER,
    off_season_weekend_fee INTEGER,
    peak_season_weekday_fee INTEGER,
    peak_season_weekend_fee INTEGER,
    has_bath_facility BOOLEAN,
    has_bath BOOLEAN,
    has_home_theatre BOOLEAN,
    has_air_conditioning BOOLEAN,
    has_television BOOLEAN,
    has_computer BOOLEAN,
    has_cable_television BOOLEAN,
    has_internet BOOLEAN,
    has_refrigerator BOOLEAN,
    has_toiletries BOOLEAN,
    has_sofa BOOLEAN,
    has_cooking_facility BOOLEAN,
    has_table BOOLEAN,
    has_hair_dryer BOOLEAN,
    image_urls JSONB,
    image_captions JSONB,
    image_licences JSONB,
    source_response_id BIGINT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT rooms_pkey PRIMARY KEY (content_id, position)
);
CREATE INDEX rooms_region_code_idx ON core.rooms (region_code);
COMMENT ON TABLE core.rooms IS 'The types of rooms of accommodations.';
COMMENT ON COLUMN core.rooms.content_id IS 'the place it is about';
COMMENT ON COLUMN core.rooms.position IS 'its place in the order, from 1';
COMMENT ON COLUMN core.rooms.content_type_id IS 'kind of that place';
COMMENT ON COLUMN core.rooms.region_code IS 'its region';
COMMENT ON COLUMN core.rooms.room_code IS 'the upstream''s code of the type of room';
COMMENT ON COLUMN core.rooms.title IS 'name of the type of room';
COMMENT ON COLUMN core.rooms.description IS 'description';
COMMENT ON COLUMN core.rooms.size_pyeong IS 'size in 평';
COMMENT ON COLUMN core.rooms.size_square_metres IS 'size in square metres';
COMMENT ON COLUMN core.rooms.room_count IS 'rooms of this type';
COMMENT ON COLUMN core.rooms.guests IS 'guests that the price is for';
COMMENT ON COLUMN core.rooms.most_guests IS 'guests that find room';
COMMENT ON COLUMN core.rooms.off_season_weekday_fee IS 'lowest price in won, off season, weekdays';
COMMENT ON COLUMN core.rooms.off_season_weekend_fee IS 'lowest price in won, off season, weekends';
COMMENT ON COLUMN core.rooms.peak_season_weekday_fee IS 'lowest price in won, in season, weekdays';
COMMENT ON COLUMN core.rooms.peak_season_weekend_fee IS 'lowest price in won, in season, weekends';
COMMENT ON COLUMN core.rooms.has_bath_facility IS 'whether it has: bathroom';
COMMENT ON COLUMN core.rooms.has_bath IS 'whether it has: bath';
COMMENT ON COLUMN core.rooms.has_home_theatre IS 'whether it has: home theatre';
COMMENT ON COLUMN core.rooms.has_air_conditioning IS 'whether it has: air conditioning';
COMMENT ON COLUMN core.rooms.has_television IS 'whether it has: television';
COMMENT ON COLUMN core.rooms.has_computer IS 'whether it has: computer';
COMMENT ON COLUMN core.rooms.has_cable_television IS 'whether it has: cable television';
COMMENT ON COLUMN core.rooms.has_internet IS 'whether it has: internet';
COMMENT ON COLUMN core.rooms.has_refrigerator IS 'whether it has: refrigerator';
COMMENT ON COLUMN core.rooms.has_toiletries IS 'whether it has: toiletries';
COMMENT ON COLUMN core.rooms.has_sofa IS 'whether it has: sofa';
COMMENT ON COLUMN core.rooms.has_cooking_facility IS 'whether it has: cooking utensils';
COMMENT ON COLUMN core.rooms.has_table IS 'whether it has: table';
COMMENT ON COLUMN core.rooms.has_hair_dryer IS 'whether it has: hair dryer';
COMMENT ON COLUMN core.rooms.image_urls IS 'images, https; null where the upstream has none';
COMMENT ON COLUMN core.rooms.image_captions IS 'what each image shows';
COMMENT ON COLUMN core.rooms.image_licences IS 'licence of each image; Type1: attribution; Type3: attribution, no alteration';
COMMENT ON COLUMN core.rooms.source_response_id IS 'the response the row was made from';
COMMENT ON COLUMN core.rooms.updated_at IS 'when a value last changed';

CREATE TABLE core.pet_policies (
    content_id TEXT NOT NULL,
    content_type_id TEXT NOT NULL,
    region_code TEXT NOT NULL,
    scope TEXT,
    animals TEXT,
    requirements TEXT,
    other_information TEXT,
    facilities TEXT,
    provided_items TEXT,
    rental_items TEXT,
    sale_items TEXT,
    accident_precautions TEXT,
    source_response_id BIGINT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pet_policies_pkey PRIMARY KEY (content_id)
);
CREATE INDEX pet_policies_region_code_idx ON core.pet_policies (region_code);
COMMENT ON TABLE core.pet_policies IS 'Whether and how pets may come.';
COMMENT ON COLUMN core.pet_policies.content_id IS 'the place it is about';
COMMENT ON COLUMN core.pet_policies.content_type_id IS 'kind of that place';
COMMENT ON COLUMN core.pet_policies.region_code IS 'its region';
COMMENT ON COLUMN core.pet_policies.scope IS 'where pets may come: everywhere, or some areas';
COMMENT ON COLUMN core.pet_policies.animals IS 'which animals may come';
COMMENT ON COLUMN core.pet_policies.requirements IS 'what is required: leash, muzzle, …';
COMMENT ON COLUMN core.pet_policies.other_information IS 'what else to know';
COMMENT ON COLUMN core.pet_policies.facilities IS 'facilities for pets';
COMMENT ON COLUMN core.pet_policies.provided_items IS 'what is provided for pets';
COMMENT ON COLUMN core.pet_policies.rental_items IS 'what can be rented for pets';
COMMENT ON COLUMN core.pet_policies.sale_items IS 'what can be bought for pets';
COMMENT ON COLUMN core.pet_policies.accident_precautions IS 'precautions and liability';
COMMENT ON COLUMN core.pet_policies.source_response_id IS 'the response the row was made from';
COMMENT ON COLUMN core.pet_policies.updated_at IS 'when a value last changed';

ALTER TABLE raw.place_items ADD COLUMN previous_content_id TEXT;
COMMENT ON COLUMN raw.place_items.previous_content_id IS 'id the place had before the upstream gave it a new one (oldContentid)'