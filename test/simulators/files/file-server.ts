import { answer, type Answer, type Reply } from '../answers';
import { HttpSimulator, type Clock, type RecordedRequest, type Route } from '../http-server';

/** Serves attachments like signed storage URLs: the address alone grants access, without headers. */
export class FileServer extends HttpSimulator {
  /** Origin, without a trailing slash. */
  url = '';
  private readonly files = new Map<string, Answer>();

  constructor(now?: Clock) {
    super({}, now);
  }

  protected readonly routes: Route[] = [
    { operation: 'download', method: 'GET', path: /^\/.*$/, handle: (request) => this.download(request) },
  ];

  /** Opens the port. */
  async start(): Promise<this> {
    this.url = await this.listen();
    return this;
  }

  /**
   * Adds or replaces a file.
   *
   * @param path - without a leading slash, percent-encoded if necessary
   * @returns the address to download it from
   */
  put(path: string, bytes: Buffer, contentType = 'application/octet-stream'): string {
    const url = new URL(`${this.url}/${path}`);
    this.files.set(url.pathname, answer(200, contentType, bytes));
    return url.href;
  }

  override reset(): void {
    super.reset();
    this.files.clear();
  }

  protected errorAnswer(_request: RecordedRequest, status: number, message: string): Answer {
    return answer(status, 'application/xml', `<?xml version="1.0"?><Error><Message>${message}</Message></Error>`);
  }

  private download(request: RecordedRequest): Reply {
    return this.files.get(request.path) ?? this.errorAnswer(request, 404, 'No such file.');
  }
}
