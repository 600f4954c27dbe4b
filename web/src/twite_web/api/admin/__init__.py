"""What those who look after the site can do with applications: /api/v1/admin/…"""
