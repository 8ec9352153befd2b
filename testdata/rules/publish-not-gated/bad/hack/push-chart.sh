#!/bin/sh
set -e
helm push "$1" oci://ghcr.io/acme/charts
