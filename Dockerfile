# The worker, and every other command of hrflow-temporal. Debian, not Alpine: the native part of the Temporal SDK needs glibc.
FROM node:22.20.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY tools ./tools
RUN node tools/run.mjs build
# Keeps the runtime dependencies, including the Temporal SDK, which is a peer dependency of the package.
COPY deploy/production-manifest.mjs ./deploy/
RUN node deploy/production-manifest.mjs \
  && npm prune --ignore-scripts --no-audit --no-fund \
  && node deploy/production-manifest.mjs --remove-foreign-binaries

FROM node:22.20.0-bookworm-slim
# Node has its own certificates; the native part of the SDK uses those of the system.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/package.json ./package.json
COPY deploy/worker-health.mjs ./deploy/worker-health.mjs
USER node
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["node", "deploy/worker-health.mjs"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["worker"]
