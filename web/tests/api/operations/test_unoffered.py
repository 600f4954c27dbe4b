"""What this site doesn't have."""


def test_nobody_has_collections(as_ann, bob):
    for path in ("collections", "in_collections"):
        assert as_ann.get(f"/api/v1/accounts/{bob.id}/{path}").json() == {"collections": []}
        assert as_ann.get(f"/api/v1/accounts/1/{path}").status_code == 404
    assert as_ann.get("/api/v1/collections/1").status_code == 404


def test_there_are_no_reports_about_years(as_ann):
    assert as_ann.get("/api/v1/annual_reports").json() == {"annual_reports": [], "accounts": [], "statuses": []}
    assert as_ann.get("/api/v1/annual_reports/2025").status_code == 404
    assert as_ann.get("/api/v1/annual_reports/2025/state").json() == {"state": "ineligible"}
    assert as_ann.post("/api/v1/annual_reports/2025/generate").status_code == 404


def test_nothing_is_collected_for_and_nothing_is_fetched_later(as_ann):
    assert as_ann.get("/api/v1/donation_campaigns").status_code == 204
    assert as_ann.get("/api/v1_alpha/async_refreshes/1").status_code == 404
