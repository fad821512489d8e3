// The HTTP side of WHIP and WHEP, for clients of any kind.

/** A session that the server made for an offer: `answer`, and the way to end it. */
export class Session {
  /** POSTs `offer` to `/whep/LESSON` or `/whip/LESSON`. */
  static async open(server, path, token, offer) {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/sdp' };
    const reply = await server.get(path, { method: 'POST', headers, body: offer });
    const text = await reply.text();
    if (reply.status !== 201) {
      throw new Error(`${path}: ${reply.status} ${text}`);
    }
    return Object.assign(new Session(), { server, token, answer: text, location: reply.headers.get('location') });
  }

  /** DELETEs it; the status of the reply. */
  async end() {
    const headers = { Authorization: `Bearer ${this.token}` };
    return (await this.server.get(this.location, { method: 'DELETE', headers })).status;
  }
}

/** The UDP candidates of a description. */
export function candidates(sdp) {
  const found = sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/gim);
  return [...found].map(([line, address, port]) => ({ line, address, port: Number(port) }));
}
