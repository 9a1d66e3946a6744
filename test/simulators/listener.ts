import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';

const KEEP_ALIVE_MS = 60_000;

/** An HTTP server that listens. */
export interface Listener {
  /** Origin, without a trailing slash. */
  url: string;
  /** Ends the server and every connection at once. */
  close(): Promise<void>;
}

/** Starts an HTTP server on a free port of 127.0.0.1. */
export async function listenOnLoopback(listener: RequestListener): Promise<Listener> {
  const server = createServer(listener);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
