# syntax=docker/dockerfile:1
# One file for every image of Kassa: docker build --build-arg SERVICE=transactions .
# SERVICE is the name of a folder in services/, or cli. Why it is made like this: docs/adr/images-run-sources.md
ARG NODE_IMAGE=docker.io/library/node:24-slim

# ---- what of the repository this service needs: manifests and sources apart, so that a change of code keeps the layer of packages
FROM ${NODE_IMAGE} AS selection
ARG SERVICE
WORKDIR /repository
COPY . .
RUN node scripts/images/select-workspace.ts "${SERVICE}" /selection

# ---- the packages that run, and the list of them
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
ENV NPM_CONFIG_UPDATE_NOTIFIER=false
COPY --from=selection /selection/manifests ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --cache /tmp/npm && rm -rf /tmp/npm
RUN npm sbom --omit=dev --sbom-format=cyclonedx --sbom-type=application >sbom.cdx.json

# ---- compiled once, by the user who runs it: Node keeps a compile cache for each user, version and architecture
FROM packages AS compiled
COPY --from=selection /selection/sources ./
COPY scripts/images/bake-compile-cache.ts /bake/
RUN mkdir .compile-cache && chown 1000:1000 .compile-cache
USER 1000:1000
RUN HOME=/tmp NODE_COMPILE_CACHE=/app/.compile-cache node /bake/bake-compile-cache.ts /app

# ---- the image: nothing in it is written at run time, and nothing in it belongs to the user who runs it
FROM ${NODE_IMAGE} AS runtime
ARG SERVICE
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="kassa-${SERVICE}" \
      org.opencontainers.image.description="Kassa: payments for teams that run their own Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
    NODE_COMPILE_CACHE=/app/.compile-cache \
    HOME=/tmp
WORKDIR /app
COPY --from=packages /app ./
COPY --from=selection /selection/sources ./
COPY --from=compiled /app/.compile-cache ./.compile-cache
USER 1000:1000
STOPSIGNAL SIGTERM
# Node itself is process 1 and gets the signals. `main` links to the service's program, `src` to its code: src/migrate.ts.
ENTRYPOINT ["node"]

# ---- for skaffold's file sync: the user may write the sources, and Node starts anew when one changes
FROM runtime AS dev
USER 0
RUN find . -maxdepth 1 -type d ! -name node_modules ! -name ".*" -exec chown -R 1000:1000 {} +
USER 1000:1000
ENV NODE_ENV=development NODE_COMPILE_CACHE=
CMD ["--watch", "--watch-preserve-output", "main"]

# ---- the last stage is what a build without a target gives
FROM runtime AS production
CMD ["main"]
