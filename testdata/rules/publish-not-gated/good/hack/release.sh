#!/bin/sh
set -e
chartgate check chart
helm push web.tgz oci://ghcr.io/acme/charts
