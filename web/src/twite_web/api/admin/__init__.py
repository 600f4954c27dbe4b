"""The API for staff: /api/v1/admin/…"""
