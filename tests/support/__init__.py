"""What tests of several parts share: sites, servers, clients and people."""
