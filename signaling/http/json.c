#include "signaling/http/json.h"

json_t *tk_json_text(const char *text)
{
    return *text ? json_string(text) : json_null();
}

static json_t *number_or_null(int64_t value)
{
    return value ? json_integer(value) : json_null();
}

json_t *tk_json_account(const struct tk_account *account)
{
    return json_pack("{s:I,s:s,s:s,s:I,s:s,s:o,s:o,s:o,s:b}", "id", (json_int_t)account->id,
                     "login", account->login, "role", tk_role_name(account->role), "person_id",
                     (json_int_t)account->person_id, "name", account->name, "name_en",
                     tk_json_text(account->name_en), "school", tk_json_text(account->school),
                     "school_en", tk_json_text(account->school_en), "disabled", account->disabled);
}

json_t *tk_json_room(const struct tk_room *room)
{
    return json_pack("{s:I,s:s,s:o,s:I,s:o,s:o}", "id", (json_int_t)room->id, "name", room->name,
                     "name_en", tk_json_text(room->name_en), "school_id",
                     (json_int_t)room->school_id, "school", tk_json_text(room->school), "school_en",
                     tk_json_text(room->school_en));
}

json_t *tk_json_device(const struct tk_device *device)
{
    return json_pack("{s:I,s:s,s:o,s:o,s:I,s:o,s:o}", "id", (json_int_t)device->id, "key",
                     device->key, "name", tk_json_text(device->name), "room",
                     tk_json_room(&device->room), "created_ms", (json_int_t)device->created_ms,
                     "last_seen_ms", number_or_null(device->last_seen_ms), "revoked_ms",
                     number_or_null(device->revoked_ms));
}
