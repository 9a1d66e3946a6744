// Starts worker.ts without `--import tsx`, which the SDK's workflow threads would inherit, and without source maps, which tsx
// enables: a worker in production has neither, and both cost time.
require('tsx/cjs/api').register();
process.setSourceMapsEnabled(false);
require('./worker.ts');
