/* Every resource of this folder. */

#include "signaling/http/router.h"

const struct tk_route *const tk_http_tables[] = {
    tk_session_routes,  tk_enrol_routes,      tk_link_routes,
    tk_lesson_routes,   tk_attendance_routes, tk_live_routes,
    tk_list_routes,     tk_device_routes,     tk_account_routes,
    tk_audit_routes,    tk_coteach_routes,    tk_check_routes,
    tk_probe_routes,    tk_openapi_routes,    tk_whip_routes,
    tk_whep_routes,     tk_board_routes,      tk_file_routes,
    tk_timeline_routes, tk_visit_routes,      NULL,
};
