#!/bin/sh
# Installs the brokers which the tests can use beside PostgreSQL: Redis from the system's packages (needs root when it is
# missing) and the jars of a Kafka broker from Maven Central. Does nothing, quickly, where both are present.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
libs=${KASSA_TEST_KAFKA_LIBS:-$root/.cache/kafka/libs}
pom=$root/scripts/install-brokers/pom.xml

install_packages() {
  if [ "$(id -u)" -ne 0 ]; then
    echo "missing: $*; run this as root, or install them yourself" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "$@"
}

missing=
command -v redis-server >/dev/null || missing="$missing redis-server"
command -v java >/dev/null || missing="$missing openjdk-17-jre-headless"
# The stamp is a copy of the pom: another version in the pom fetches the jars again.
if ! cmp -s "$pom" "$libs/.pom.xml"; then
  fetch=yes
  command -v mvn >/dev/null || missing="$missing maven"
fi
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || install_packages $missing

if [ -n "${fetch:-}" ]; then
  fetched=$libs.fetching
  rm -rf "$fetched"
  mkdir -p "$fetched"
  mvn -q -B -f "$pom" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$fetched"
  cp "$pom" "$fetched/.pom.xml"
  rm -rf "$libs"
  mv "$fetched" "$libs"
fi
echo "redis: $(command -v redis-server); kafka: $libs"
