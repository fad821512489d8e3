// Which room this is: the device named in the address, or the only one of this browser.

/**
 * @param {any[]} devices those that this browser can prove to be @param {string | null} key from the address
 * @returns {{ is: 'device', device: any } | { is: 'choose', devices: any[] } | { is: 'enrol' }}
 */
export function pickDevice(devices, key) {
  if (key) {
    const device = devices.find((d) => d.key === key);
    return device ? { is: 'device', device } : { is: 'enrol' };
  }
  if (devices.length === 0) {
    return { is: 'enrol' };
  }
  return devices.length === 1 ? { is: 'device', device: devices[0] } : { is: 'choose', devices };
}

/** The address of a device's page, the language kept. */
export function roomAddress(/** @type {string} */ search, /** @type {string} */ key) {
  const query = new URLSearchParams(search);
  query.set('device', key);
  return `/room?${query}`;
}
