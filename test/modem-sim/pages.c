/* SPDX-License-Identifier: MIT */
/*
 * The ten pages by name, and the bodies of those that are not about channels.
 * All identities are invented (RFC 7042 MAC addresses, RFC 5737 networks).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <event2/buffer.h>

#include "pages.h"

#define STILL_CLOCK	INT64_C(1773130530)	/* 2026-03-10 08:15:30 UTC */
#define LEASE_AT_START	482901
#define LEASE		(LEASE_AT_START + 121899)

struct row {
	const char *key;
	const char *value;
};

struct entry {
	const char *time;
	const char *type;
	const char *priority;
	const char *event;
};

static void	write_docsiswan(struct evbuffer *, const struct moment *);
static void	write_sysinfo(struct evbuffer *, const struct moment *);
static void	write_cminit(struct evbuffer *, const struct moment *);
static void	write_linkstatus(struct evbuffer *, const struct moment *);
static void	write_model(struct evbuffer *, const struct moment *);
static void	write_log(struct evbuffer *, const struct moment *);
static void	write_record(struct evbuffer *, const struct row *, size_t);

static const struct {
	const char *name;
	const char *text_key;
	void (*write)(struct evbuffer *, const struct moment *);
} pages[] = {
	[PAGE_DSINFO] = { "dsinfo", "portId", radio_write_dsinfo },
	[PAGE_USINFO] = { "usinfo", "scdmaMode", radio_write_usinfo },
	[PAGE_DSOFDMINFO] = { "dsofdminfo", "ffttype",
	    radio_write_dsofdminfo },
	[PAGE_USOFDMINFO] = { "usofdminfo", "fftVal",
	    radio_write_usofdminfo },
	[PAGE_DOCSISWAN] = { "getCmDocsisWan", "Configname",
	    write_docsiswan },
	[PAGE_SYSINFO] = { "getSysInfo", "serialNumber", write_sysinfo },
	[PAGE_CMINIT] = { "getCMInit", "eaeStatus", write_cminit },
	[PAGE_LINKSTATUS] = { "getLinkStatus", "LinkDuplex",
	    write_linkstatus },
	[PAGE_MODEL] = { "system_model", "vendorname", write_model },
	[PAGE_LOG] = { "status_log", "event", write_log },
};

static const struct entry entries[] = {
	{ "03/09/26 21:07:42", "74010100", "notice", "CM-STATUS message sent."
	    "  Event Type Code: 24; Chan ID: 33; DSID: N/A; MAC Addr: N/A; "
	    "OFDM/OFDMA Profile ID: 2 3." },
	{ "03/09/26 21:07:38", "74010100", "notice", "CM-STATUS message sent."
	    "  Event Type Code: 16; Chan ID: 33; DSID: N/A; MAC Addr: N/A; "
	    "OFDM/OFDMA Profile ID: 3." },
	{ "03/09/26 14:30:11", "82000200", "critical",
	    "No Ranging Response received - T3 time-out" },
	{ "03/09/26 14:30:11", "82000200", "critical",
	    "No Ranging Response received - T3 time-out" },
	{ "03/09/26 14:30:11", "82000200", "critical",
	    "No Ranging Response received - T3 time-out" },
	{ "03/09/26 14:29:52", "82000400", "critical",
	    "Received Response to Broadcast Maintenance Request, But no "
	    "Unicast Maintenance opportunities received - T4 time out" },
	{ "03/09/26 14:29:40", "84000500", "critical",
	    "SYNC Timing Synchronization failure - Loss of Sync" },
	{ "03/09/26 14:29:31", "84020200", "warning", "Lost MDD Timeout" },
	{ "03/09/26 14:29:31", "84020200", "warning", "Lost MDD Timeout" },
	{ "03/09/26 02:12:09", "67061600", "notice",
	    "DS profile assignment change. DS Chan ID: 34; "
	    "Previous Profile: 1; New Profile: 1 2." },
	{ "03/09/26 02:04:26", "90000000", "warning", "MIMO Event MIMO: "
	    "Stored MIMO=-1 post cfg file MIMO=-1" },
	{ "03/09/26 02:04:21", "73040100", "notice",
	    "TLV-11 - unrecognized OID" },
	{ "01/01/70 00:00:58", "90000006", "critical",
	    "CM Reboot Reason : POWER_ON" },
	{ "01/01/70 00:00:41", "82000300", "critical",
	    "Ranging Request Retries exhausted" },
	{ "01/01/70 00:00:41", "82000300", "critical",
	    "Ranging Request Retries exhausted" },
	{ "03/07/26 19:44:03", "85010200", "warning",
	    "TCS Partial Service" },
	{ "03/07/26 19:43:55", "84000700", "error",
	    "RCS Partial Service" },
	{ "03/05/26 11:20:37", "68010300", "error",
	    "DHCP RENEW WARNING - Field invalid in response v4 option" },
	{ "03/04/26 06:01:15", "82000500", "critical",
	    "Started Unicast Maintenance Ranging - No Response received - "
	    "T3 time-out" },
	{ "03/02/26 23:58:50", "82000600", "critical",
	    "Unicast Maintenance Ranging attempted - No response - "
	    "Retries exhausted" },
};

const char *
page_name(enum page page)
{
	return pages[page].name;
}

const char *
page_text_key(enum page page)
{
	return pages[page].text_key;
}

enum page
page_by_name(const char *name, size_t len)
{
	enum page page;

	for (page = 0; page < PAGE_NONE; page++) {
		if (strlen(pages[page].name) == len &&
		    memcmp(pages[page].name, name, len) == 0)
			break;
	}
	return page;
}

enum page
page_by_path(const char *path)
{
	static const char before[] = "/data/";
	static const char after[] = ".asp";
	size_t len = strcspn(path, "?");

	if (len < sizeof(before) + sizeof(after) ||
	    strncmp(path, before, sizeof(before) - 1) != 0 ||
	    strncmp(path + len - (sizeof(after) - 1), after,
	    sizeof(after) - 1) != 0)
		return PAGE_NONE;
	return page_by_name(path + sizeof(before) - 1,
	    len - (sizeof(before) - 1) - (sizeof(after) - 1));
}

void
page_write(struct evbuffer *out, enum page page, const struct moment *now)
{
	pages[page].write(out, now);
}

/* The writer of record pages, which spreads them over lines. */
static void
write_record(struct evbuffer *out, const struct row *rows, size_t count)
{
	size_t i;

	evbuffer_add_printf(out, "[\n{\n");
	for (i = 0; i < count; i++)
		evbuffer_add_printf(out, "\"%s\":\"%s\"%s\n", rows[i].key,
		    rows[i].value, i + 1 < count ? "," : "");
	evbuffer_add_printf(out, "}\n]\n");
}

static void
write_docsiswan(struct evbuffer *out, const struct moment *now)
{
	/* Renewed long before its end, as leases are. */
	int64_t left = LEASE - (121899 + (int64_t)now->elapsed) % (LEASE / 2);
	char lease[64];
	const struct row rows[] = {
		{ "Configname", "sim-coda56-1g-00005e005301.cfg" },
		{ "ConfignameDisplay", "1" },
		{ "NetworkAccess", "Permitted" },
		{ "CmIpAddress", "192.0.2.117" },
		{ "CmNetMask", "255.255.255.0" },
		{ "CmGateway", "192.0.2.1" },
		{ "CmIpLeaseDuration", lease },
	};

	snprintf(lease, sizeof(lease), "D: %" PRId64 " H: %02d M: %02d S: %02d",
	    left / 86400, (int)(left / 3600 % 24), (int)(left / 60 % 60),
	    (int)(left % 60));
	write_record(out, rows, sizeof(rows) / sizeof(rows[0]));
}

static void
write_sysinfo(struct evbuffer *out, const struct moment *now)
{
	int64_t up = UPTIME_AT_START + (int64_t)now->elapsed;
	time_t clock = (time_t)(now->still ? STILL_CLOCK : now->clock);
	struct tm tm;
	char uptime[64];
	char date[64] = "--";
	const struct row rows[] = {
		{ "hwVersion", "1A" },
		{ "swVersion", "7.3.5.3.2b1" },
		{ "serialNumber", "SIM000000042" },
		{ "rfMac", "00:00:5E:00:53:01" },
		{ "wanIp", "TODO" },
		{ "systemUptime", uptime },
		{ "systemTime", date },
		{ "timezone", "--" },
		{ "WRecPkt", "TODO" },
		{ "WSendPkt", "TODO" },
		{ "lanIp", "TODO" },
		{ "LRecPkt", "TODO" },
		{ "LSendPkt", "TODO" },
	};

	snprintf(uptime, sizeof(uptime), "%02" PRId64 "h:%02dm:%02ds",
	    up / 3600, (int)(up / 60 % 60), (int)(up % 60));
	/* No setlocale() anywhere, so the names are English. */
	if (gmtime_r(&clock, &tm) != NULL)
		strftime(date, sizeof(date), "%a %b %d, %Y, %H:%M:%S", &tm);
	write_record(out, rows, sizeof(rows) / sizeof(rows[0]));
}

static void
write_cminit(struct evbuffer *out, const struct moment *now)
{
	static const struct row rows[] = {
		{ "hwInit", "Success" },
		{ "findDownstream", "Success" },
		{ "ranging", "Success" },
		{ "dhcp", "Success" },
		{ "timeOfday", "Success" },
		{ "downloadCfg", "Success" },
		{ "registration", "Success" },
		{ "eaeStatus", "Disable" },
		{ "bpiStatus", "AUTH:authorized, TEK:operational" },
		{ "networkAccess", "Permitted" },
		{ "trafficStatus", "Enable" },
	};

	(void)now;
	write_record(out, rows, sizeof(rows) / sizeof(rows[0]));
}

static void
write_linkstatus(struct evbuffer *out, const struct moment *now)
{
	(void)now;
	evbuffer_add_printf(out, "[ {\"LinkStatus\": \"Up\", "
	    "\"LinkDuplex\":\"Full\",\"LinkSpeed\":\"2500Mbps\"} ]\n");
}

static void
write_model(struct evbuffer *out, const struct moment *now)
{
	(void)now;
	evbuffer_add_printf(out,
	    "{\"modelName\" : \"CODA\",\"vendorname\" : \"HITRON\"}");
}

static void
write_log(struct evbuffer *out, const struct moment *now)
{
	const size_t count = sizeof(entries) / sizeof(entries[0]);
	size_t i;

	(void)now;
	evbuffer_add_printf(out, "[");
	for (i = 0; i < count; i++)
		evbuffer_add_printf(out, "%s{\"index\":%zu,\"time\":\"%s\","
		    "\"type\":\"%s\",\"priority\":\"%s\",\"event\":\"%s;"
		    "CM-MAC=00:00:5e:00:53:01;CMTS-MAC=00:00:5e:00:53:10;"
		    "CM-QOS=1.1;CM-VER=3.1;\"}", i > 0 ? "," : "", i + 1,
		    entries[i].time, entries[i].type, entries[i].priority,
		    entries[i].event);
	evbuffer_add_printf(out, "]\n");
}
