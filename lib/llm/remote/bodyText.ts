/** In characters; what a server says beyond it is not read. */
const LONGEST_BODY = 8_388_608;

/** The text of a body, at most its first 8 Mi characters: a server may write without end. */
export async function readText(response: Response): Promise<string> {
  if (response.body === null) return '';
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    // Leaving the loop cancels the stream, and with it the connection.
    if (text.length > LONGEST_BODY) break;
  }
  return text.slice(0, LONGEST_BODY);
}
