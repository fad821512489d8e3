// Rooms and their computers: a six-digit code enrols one, a press revokes one.
import { useState } from 'preact/hooks';
import { api } from '../core/api.js';
import { named, t } from '../core/i18n.js';
import { clock, date } from '../core/time.js';
import { now_ms } from '../ui/clock.js';
import { Dialog } from '../ui/dialog.jsx';
import { useAct, useLoad } from '../ui/load.js';
import { Problem } from '../ui/problem.jsx';
import { Answers } from './answers.jsx';
import { Checked } from './checks.jsx';
import { may_change } from './data.js';

const loadRooms = async () => {
  const [{ rooms }, { devices }, { checks }] = await Promise.all([
    api.get('/rooms'),
    may_change.peek() ? api.get('/devices') : { devices: [] },
    api.get('/checks'),
  ]);
  const newest = new Map(checks.map((/** @type {any} */ check) => [check.room, check]));
  return { rooms, devices, newest };
};

const roomName = (/** @type {any} */ room) =>
  [named(room, 'school'), named(room)].filter(Boolean).join(' · ');
const moment = (/** @type {number | null} */ ms) => (ms ? `${date(ms)} ${clock(ms)}` : '–');

/** @param {{ room: any, code: any, onClose: () => void }} props */
function Code({ room, code, onClose }) {
  const left_ms = code.expires_ms - now_ms.value;
  return (
    <Dialog title={t('rooms.code.title', { room: roomName(room) })} onClose={onClose}>
      <p class="code numbers">{`${code.code.slice(0, 3)} ${code.code.slice(3)}`}</p>
      <p>{t('rooms.code.how', { address: `${location.origin}/room` })}</p>
      <p class="muted">
        {left_ms > 0
          ? t('rooms.code.until', {
              time: clock(code.expires_ms),
              minutes: Math.ceil(left_ms / 60_000),
            })
          : t('rooms.code.expired')}
      </p>
      <div class="row">
        <button type="button" class="button act" onClick={onClose}>
          {t('form.close')}
        </button>
      </div>
    </Dialog>
  );
}

/** @param {{ device: any, onClose: () => void, onDone: () => void }} props */
function Revoke({ device, onClose, onDone }) {
  const { busy, error, act } = useAct();
  const revoke = async () => {
    if (await act(() => api.remove(`/devices/${device.id}`))) {
      onDone();
    }
  };
  return (
    <Dialog title={t('devices.revoke.title', { room: roomName(device.room) })} onClose={onClose}>
      <p>{t('devices.revoke.text')}</p>
      <Answers
        error={error}
        busy={busy}
        act={t('devices.revoke')}
        onClose={onClose}
        onAct={revoke}
        danger
        apart
      />
    </Dialog>
  );
}

/** @param {{ room: any, devices: any[], newest: any, reload: () => void }} props */
function Room({ room, devices, newest, reload }) {
  const [code, setCode] = useState(/** @type {any} */ (null));
  const [revoking, setRevoking] = useState(/** @type {any} */ (null));
  const { busy, error, act } = useAct();
  const close = () => {
    setCode(null);
    setRevoking(null);
    reload();
  };
  const make = () => act(async () => setCode(await api.post(`/rooms/${room.id}/enrol-code`)));
  return (
    <li class="panel">
      <div class="lesson-line">
        <strong class="lesson-title">{roomName(room)}</strong>
        <span class="gap" />
        {may_change.value ? (
          <button type="button" class="button act" disabled={busy} onClick={make}>
            {t('rooms.code')}
          </button>
        ) : null}
      </div>
      <Problem error={error} />
      <Checked room={room} newest={newest} />
      {may_change.value ? (
        <ul class="plain-list">
          {devices.length === 0 ? <li class="muted">{t('rooms.no_device')}</li> : null}
          {devices.map((device) => (
            <li key={device.id} class="lesson-line">
              <span>{device.name || t('devices.unnamed', { id: device.id })}</span>
              <span class="muted numbers">
                {t('devices.seen', {
                  enrolled: moment(device.created_ms),
                  seen: moment(device.last_seen_ms),
                })}
              </span>
              <span class="gap" />
              {device.revoked_ms ? (
                <span class="muted numbers">
                  {t('devices.revoked', { time: moment(device.revoked_ms) })}
                </span>
              ) : (
                <button type="button" class="button plain" onClick={() => setRevoking(device)}>
                  {t('devices.revoke')}
                </button>
              )}
            </li>
          ))}
        </ul>
      ) : null}
      {code ? <Code room={room} code={code} onClose={close} /> : null}
      {revoking ? <Revoke device={revoking} onClose={close} onDone={close} /> : null}
    </li>
  );
}

export function RoomsView() {
  const { data, error, reload } = useLoad(loadRooms, []);
  return (
    <>
      <div class="heading">
        <h2>{t('admin.rooms')}</h2>
      </div>
      <Problem error={error} />
      <ul class="lessons">
        {(data?.rooms ?? []).map((/** @type {any} */ room) => (
          <Room
            key={room.id}
            room={room}
            devices={(data?.devices ?? []).filter((/** @type {any} */ d) => d.room.id === room.id)}
            newest={data?.newest.get(room.id) ?? null}
            reload={reload}
          />
        ))}
      </ul>
    </>
  );
}
