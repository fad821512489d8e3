#include "signaling/server/authority.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AUTHORITY_DAYS 3650
/* Clients refuse server certificates of more than 825 days even from an authority of one's own. */
#define SERVER_DAYS 390
#define RENEW_DAYS 30
/* Clocks of schools are behind: valid from a day before. */
#define BACKDATE_S 86400
#define DAY_S 86400
#define SERIAL_BITS 127

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free_all)

struct pair {
    X509 *certificate;
    EVP_PKEY *key;
};

static void pair_finish(struct pair *p)
{
    X509_free(p->certificate);
    EVP_PKEY_free(p->key);
    *p = (struct pair){NULL, NULL};
}

/* All or nothing, on the disk before it is seen. */
static int write_file(const char *path, const char *data, size_t len, mode_t mode)
{
    g_autofree char *temporary = g_strconcat(path, ".new", NULL);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (fd < 0) {
        return -errno;
    }
    int r = fchmod(fd, mode) < 0 ? -errno : 0;
    while (r == 0 && len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0) {
            r = -errno;
            break;
        }
        data += n;
        len -= (size_t)n;
    }
    if (r == 0 && fsync(fd) < 0) {
        r = -errno;
    }
    close(fd);
    if (r == 0 && rename(temporary, path) < 0) {
        r = -errno;
    }
    return r;
}

static int write_bio(const char *path, BIO *bio, mode_t mode)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);
    return len > 0 ? write_file(path, data, (size_t)len, mode) : -ENOMEM;
}

static int write_pair(const struct pair *p, X509 *issuer, const char *certificate, const char *key)
{
    g_autoptr(BIO) key_pem = BIO_new(BIO_s_mem());
    g_autoptr(BIO) chain_pem = BIO_new(BIO_s_mem());
    if (!key_pem || !chain_pem ||
        PEM_write_bio_PrivateKey(key_pem, p->key, NULL, NULL, 0, NULL, NULL) != 1 ||
        PEM_write_bio_X509(chain_pem, p->certificate) != 1 ||
        (issuer && PEM_write_bio_X509(chain_pem, issuer) != 1)) {
        return -ENOMEM;
    }
    int r = write_bio(key, key_pem, 0600);
    return r < 0 ? r : write_bio(certificate, chain_pem, 0644);
}

static int read_pair(struct pair *p, const char *certificate, const char *key)
{
    g_autoptr(BIO) certificate_file = BIO_new_file(certificate, "r");
    g_autoptr(BIO) key_file = BIO_new_file(key, "r");
    *p = (struct pair){NULL, NULL};
    if (!certificate_file || !key_file) {
        return access(certificate, R_OK) < 0 || access(key, R_OK) < 0 ? -errno : -EIO;
    }
    p->certificate = PEM_read_bio_X509(certificate_file, NULL, NULL, NULL);
    p->key = PEM_read_bio_PrivateKey(key_file, NULL, NULL, (void *)"");
    if (p->certificate && p->key && X509_check_private_key(p->certificate, p->key) == 1) {
        return 0;
    }
    pair_finish(p);
    return -EBADMSG;
}

static bool ends_within(const X509 *certificate, long days)
{
    time_t then = time(NULL) + days * DAY_S;
    return X509_cmp_time(X509_get0_notAfter(certificate), &then) < 0;
}

static bool add_extension(X509 *c, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, c, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = extension && X509_add_ext(c, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static bool set_serial(X509 *c)
{
    BIGNUM *number = BN_new();
    bool ok = number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(number, X509_get_serialNumber(c));
    BN_free(number);
    return ok;
}

/* A new key and an unsigned certificate named `name`. */
static bool start_pair(struct pair *p, const char *name, long days)
{
    p->key = EVP_EC_gen("P-256");
    p->certificate = X509_new();
    if (!p->key || !p->certificate || X509_set_version(p->certificate, X509_VERSION_3) != 1 ||
        !set_serial(p->certificate) || X509_set_pubkey(p->certificate, p->key) != 1 ||
        !X509_gmtime_adj(X509_getm_notBefore(p->certificate), -BACKDATE_S) ||
        !X509_time_adj_ex(X509_getm_notAfter(p->certificate), (int)days, 0, NULL)) {
        return false;
    }
    X509_NAME *subject = X509_get_subject_name(p->certificate);
    return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                                      -1, 0) == 1;
}

static bool make_authority(struct pair *p)
{
    unsigned char random[4];
    char name[64];
    if (RAND_bytes(random, sizeof(random)) != 1) {
        return false;
    }
    /* each installation's authority has a name of its own in the rooms' lists */
    g_snprintf(name, sizeof(name), "Tongke authority %02x%02x%02x%02x", random[0], random[1],
               random[2], random[3]);
    return start_pair(p, name, AUTHORITY_DAYS) &&
           X509_set_issuer_name(p->certificate, X509_get_subject_name(p->certificate)) == 1 &&
           add_extension(p->certificate, p->certificate, NID_basic_constraints,
                         "critical,CA:TRUE,pathlen:0") &&
           add_extension(p->certificate, p->certificate, NID_key_usage,
                         "critical,keyCertSign,cRLSign") &&
           add_extension(p->certificate, p->certificate, NID_subject_key_identifier, "hash") &&
           X509_sign(p->certificate, p->key, EVP_sha256()) > 0;
}

static bool is_address(const char *host)
{
    struct in6_addr buffer;
    return inet_pton(AF_INET, host, &buffer) == 1 || inet_pton(AF_INET6, host, &buffer) == 1;
}

/* RFC 1123 names: nothing that the list of names would take for something else. */
static bool is_name(const char *host)
{
    return *host && strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789-.") == strlen(host);
}

static int check_hosts(char *const *hosts, char *err, size_t cap)
{
    for (int i = 0; hosts[i]; i++) {
        if (!is_address(hosts[i]) && !is_name(hosts[i])) {
            g_snprintf(err, (gulong)cap, "hosts: '%.80s' is no host name and no address", hosts[i]);
            return -EINVAL;
        }
    }
    return 0;
}

static char *alternative_names(char *const *hosts)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; hosts[i]; i++) {
        g_string_append_printf(text, "%s%s:%s", i ? "," : "", is_address(hosts[i]) ? "IP" : "DNS",
                               hosts[i]);
    }
    return g_string_free(text, FALSE);
}

static bool make_server(struct pair *p, const struct pair *authority, char *const *hosts)
{
    g_autofree char *names = alternative_names(hosts);
    X509 *issuer = authority->certificate;
    return start_pair(p, "Tongke", SERVER_DAYS) &&
           X509_set_issuer_name(p->certificate, X509_get_subject_name(issuer)) == 1 &&
           add_extension(p->certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(p->certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
           add_extension(p->certificate, issuer, NID_ext_key_usage, "serverAuth") &&
           add_extension(p->certificate, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(p->certificate, issuer, NID_authority_key_identifier, "keyid") &&
           add_extension(p->certificate, issuer, NID_subject_alt_name, names) &&
           X509_sign(p->certificate, authority->key, EVP_sha256()) > 0;
}

static bool covers(X509 *certificate, char *const *hosts)
{
    for (int i = 0; hosts[i]; i++) {
        int found = is_address(hosts[i]) ? X509_check_ip_asc(certificate, hosts[i], 0)
                                         : X509_check_host(certificate, hosts[i], 0,
                                                           X509_CHECK_FLAG_NO_WILDCARDS, NULL);
        if (found != 1) {
            return false;
        }
    }
    return true;
}

static int authority_pair(struct pair *ret, const char *certificate, const char *key, char *err,
                          size_t cap)
{
    int r = read_pair(ret, certificate, key);
    if (r == 0 && !ends_within(ret->certificate, RENEW_DAYS)) {
        return 0;
    }
    if (r < 0 && r != -ENOENT) {
        g_snprintf(err, (gulong)cap, "%s: the authority cannot be read: %s; restore or remove it",
                   certificate, r == -EBADMSG ? "damaged, or not of its key" : g_strerror(-r));
        return r;
    }
    pair_finish(ret);
    r = make_authority(ret) ? write_pair(ret, NULL, certificate, key) : -ENOMEM;
    if (r < 0) {
        g_snprintf(err, (gulong)cap, "%s: cannot make the authority: %s", certificate,
                   g_strerror(-r));
    }
    return r;
}

static int prepare_own(const char *folder, char *const *hosts, struct tk_tls_files *ret, char *err,
                       size_t cap)
{
    char authority_key[TK_TLS_PATH];
    struct pair authority = {NULL, NULL};
    struct pair server = {NULL, NULL};
    g_snprintf(ret->authority, sizeof(ret->authority), "%s/authority.crt", folder);
    g_snprintf(authority_key, sizeof(authority_key), "%s/authority.key", folder);
    g_snprintf(ret->certificate, sizeof(ret->certificate), "%s/server.crt", folder);
    g_snprintf(ret->key, sizeof(ret->key), "%s/server.key", folder);
    if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
        int r = -errno;
        g_snprintf(err, (gulong)cap, "%s: cannot make the folder: %s", folder, g_strerror(-r));
        return r;
    }
    int r = check_hosts(hosts, err, cap);
    if (r == 0) {
        r = authority_pair(&authority, ret->authority, authority_key, err, cap);
    }
    if (r < 0) {
        goto out;
    }
    if (read_pair(&server, ret->certificate, ret->key) == 0 && covers(server.certificate, hosts) &&
        !ends_within(server.certificate, RENEW_DAYS) &&
        X509_verify(server.certificate, authority.key) == 1) {
        goto out;
    }
    pair_finish(&server);
    ret->made = true;
    r = make_server(&server, &authority, hosts)
            ? write_pair(&server, authority.certificate, ret->certificate, ret->key)
            : -ENOMEM;
    if (r < 0) {
        g_snprintf(err, (gulong)cap, "%s: cannot make the certificate: %s", ret->certificate,
                   g_strerror(-r));
    }
out:
    pair_finish(&authority);
    pair_finish(&server);
    return r;
}

static int check_real(const struct tk_settings *settings, struct tk_tls_files *ret, char *err,
                      size_t cap)
{
    struct pair p;
    g_strlcpy(ret->certificate, settings->tls_certificate, sizeof(ret->certificate));
    g_strlcpy(ret->key, *settings->tls_key ? settings->tls_key : settings->tls_certificate,
              sizeof(ret->key));
    int r = read_pair(&p, ret->certificate, ret->key);
    if (r < 0) {
        const char *which = access(ret->certificate, R_OK) == 0 ? ret->key : ret->certificate;
        g_snprintf(err, (gulong)cap, "%s: the certificate of the settings cannot be used: %s",
                   r == -EBADMSG ? ret->certificate : which,
                   r == -EBADMSG ? "no PEM, or the key is not its own" : g_strerror(-r));
        return r;
    }
    if (ends_within(p.certificate, 0)) {
        g_snprintf(err, (gulong)cap, "%s: the certificate of the settings is out of date",
                   ret->certificate);
        r = -ESTALE;
    }
    pair_finish(&p);
    return r;
}

int tk_authority_prepare(const struct tk_settings *settings, char *const *hosts,
                         struct tk_tls_files *ret, char *err, size_t cap)
{
    memset(ret, 0, sizeof(*ret));
    if (*settings->tls_certificate) {
        return check_real(settings, ret, err, cap);
    }
    g_autofree char *folder = g_strconcat(settings->data_dir, "/tls", NULL);
    return prepare_own(folder, hosts, ret, err, cap);
}
