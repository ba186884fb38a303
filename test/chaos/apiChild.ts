import { startApi } from '../support/api.ts';

/** The API as a process that can be killed: the functions behind the gateway's own server, on PORT. */
const api = await startApi({}, Number(process.env['PORT']));
process.once('SIGTERM', () => void api.close().then(() => process.exit(0)));
