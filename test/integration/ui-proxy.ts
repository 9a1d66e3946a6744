import * as http from 'node:http';

/** Serves the UI and, below `/codec/`, the codec server at one origin, as `deploy/proxy.conf` does. */
export async function startUiProxy(port: number, uiPort: number, codecPort: number): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    const url = request.url ?? '/';
    const toCodec = url.startsWith('/codec/');
    const onward = http.request(
      {
        host: '127.0.0.1',
        port: toCodec ? codecPort : uiPort,
        method: request.method,
        path: toCodec ? url.slice('/codec'.length) : url,
        headers: request.headers,
        agent: false,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.writeHead(502).end());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}
