/* SPDX-License-Identifier: MIT */
#ifndef CABLEMODEM_FIELDS_H
#define CABLEMODEM_FIELDS_H

/*
 * The tables that the program is made of: what is read from the modem's
 * pages, and what is shown.  From them come the struct members, the decoder,
 * the families with HELP and TYPE, and the order of the output.
 *
 *	FIELD(member, key, kind, family, type, label, help)
 *		one datum: the member of the row's struct, the key of the
 *		page's JSON object, how its text is read, and its metric
 *	ALSO(member, family, type, label, help)
 *		a further metric from a member that is there already
 *
 * A family is a run of rows with one name; the first says HELP.  `label` of
 * a GAUGE or COUNTER is "" or one constant label, `name=value`; of an INFO
 * it is the name of the label that shows the member, and an IDENTIFIER is
 * such a label that is read and shown only on request.  A COUNT is a gauge of
 * how many rows of the page have the member.  A row without a family is not
 * shown.  A key is looked up in the record's own page, or in another's where
 * it says so, `page/key`.
 *
 * Kinds, read by lib/value.c:
 *	TEXT		trimmed text, or nothing
 *	ID		text that identifies the row among its page's rows
 *	PORT		text that helps out where the ID is missing
 *	DECIMAL		a decimal, every digit kept
 *	HERTZ		a decimal above 0
 *	MEGAHERTZ	the same, given in MHz
 *	COUNTER		a whole number of 64 bits, or `H * 2e32 + L`
 *	DURATION	any of the firmware's durations, as seconds
 *	TIME		`Thu Aug 01, 2024, 03:54:46`, as seconds since 1970
 *	MODULATION	the firmware's number of a modulation, as its name
 *	SPEED		a decimal and Kbps, Mbps or Gbps, as bytes per second
 *	AUTH, TEK, BPI	`AUTH:authorized, TEK:operational`: the one, the other,
 *			"1" if it is just this and else "0"
 *	LOG_TIME	`11/03/25 18:41:57`, as seconds since 1970
 *	LOG_PRIORITY	text in lower case; siblings' 1 to 8 as their names
 *	LOG_TEXT	text up to the addresses that follow it
 *	PLACE		the row's place on the page, from 1
 *	IS(word)	"1" for the word, "0" for any other text
 *	OURS		not from a page: filled in by the probe
 *
 * Records are one struct and one table each, in output order:
 *	X(NAME, name, label, single, prefix)
 * `label` shows the row's ID, the first of its fields; a `single` record has
 * exactly one row; `prefix` is what JSON leaves off the families' names.
 */
#define CM_RECORDS(X) \
	X(OUTCOME, outcome, "", true, "probe_") \
	X(PAGE, page, "endpoint", false, "probe_endpoint_") \
	X(CONNECTION, connection, "", true, "probe_") \
	X(DOWNSTREAM, downstream, "channel", false, "modem_downstream_") \
	X(UPSTREAM, upstream, "channel", false, "modem_upstream_") \
	X(OFDM, ofdm, "channel", false, "modem_ofdm_") \
	X(OFDMA, ofdma, "channel", false, "modem_ofdma_") \
	X(WAN, wan, "", true, "modem_wan_") \
	X(SYSTEM, system, "", true, "modem_") \
	X(INIT, init, "", true, "modem_docsis_") \
	X(LINK, link, "port", false, "modem_link_") \
	X(EVENT, event, "", false, "") \
	X(PRIORITY, priority, "priority", false, "modem_event_log_") \
	X(OCCURRENCE, occurrence, "event", false, "modem_event_log_") \
	X(LATEST, latest, "priority", false, "modem_event_log_")

#define CM_OUTCOME_FIELDS(FIELD, ALSO) \
	FIELD(success, "", OURS, \
	    "probe_success", GAUGE, "", \
	    "1 if every required endpoint was fetched and parsed, else 0.") \
	FIELD(duration, "", OURS, \
	    "probe_duration_seconds", GAUGE, "", \
	    "Wall time of the whole probe.") \
	FIELD(timeout, "", OURS, \
	    "probe_timeout_seconds", GAUGE, "", \
	    "The deadline that this probe ran under.") \
	FIELD(reason, "", OURS, \
	    "probe_failure", INFO, "reason", \
	    "Why the first required endpoint that failed did so.")

#define CM_PAGE_FIELDS(FIELD, ALSO) \
	FIELD(endpoint, "", ID, NULL, GAUGE, "", NULL) \
	FIELD(success, "", OURS, \
	    "probe_endpoint_success", GAUGE, "", \
	    "1 if the endpoint was fetched and parsed, else 0.") \
	FIELD(reason, "", OURS, \
	    "probe_endpoint_failure", INFO, "reason", \
	    "Why the endpoint failed.") \
	FIELD(duration, "", OURS, \
	    "probe_endpoint_duration_seconds", GAUGE, "", \
	    "From the start of the endpoint's fetch to its last byte.") \
	FIELD(bytes, "", OURS, \
	    "probe_endpoint_response_bytes", GAUGE, "", \
	    "Bytes of the endpoint's body received.") \
	FIELD(age, "", OURS, \
	    "probe_endpoint_age_seconds", GAUGE, "", \
	    "0 if fetched in this probe, else the age of the answer shown.") \
	FIELD(rejected, "", OURS, \
	    "probe_endpoint_rejected_values", GAUGE, "", \
	    "Fields that held neither a value nor a placeholder, and rows " \
	    "that were dropped.")

#define CM_CONNECTION_FIELDS(FIELD, ALSO) \
	FIELD(resolve, "", OURS, \
	    "probe_phase_duration_seconds", GAUGE, "phase=resolve", \
	    "Time spent in each phase, summed over the probe's fetches.") \
	FIELD(connect, "", OURS, \
	    "probe_phase_duration_seconds", GAUGE, "phase=connect", NULL) \
	FIELD(tls, "", OURS, \
	    "probe_phase_duration_seconds", GAUGE, "phase=tls", NULL) \
	FIELD(wait, "", OURS, \
	    "probe_phase_duration_seconds", GAUGE, "phase=wait", NULL) \
	FIELD(transfer, "", OURS, \
	    "probe_phase_duration_seconds", GAUGE, "phase=transfer", NULL) \
	FIELD(ip_protocol, "", OURS, \
	    "probe_ip_protocol", GAUGE, "", \
	    "Version of the IP protocol that the modem was asked over.") \
	FIELD(not_after, "", OURS, \
	    "probe_tls_certificate_expiry_timestamp_seconds", GAUGE, "", \
	    "When the modem's certificate expires, in unix time.") \
	FIELD(tls_version, "", OURS, "probe_tls", INFO, "version", \
	    "The TLS connection to the modem.") \
	FIELD(tls_cipher, "", OURS, "probe_tls", INFO, "cipher", NULL) \
	FIELD(tls_fingerprint, "", OURS, \
	    "probe_tls", INFO, "fingerprint_sha256", NULL)

/* dsinfo.asp: downstream SC-QAM channels (DOCSIS 3.0 and before). */
#define CM_DOWNSTREAM_FIELDS(FIELD, ALSO) \
	FIELD(channel, "channelId", ID, NULL, GAUGE, "", NULL) \
	FIELD(power, "signalStrength", DECIMAL, \
	    "modem_downstream_power", GAUGE, "", \
	    "Downstream Power Level (dBmV)") \
	FIELD(snr, "snr", DECIMAL, \
	    "modem_downstream_snr", GAUGE, "", \
	    "Downstream SNR (dB)") \
	FIELD(corrected, "correcteds", COUNTER, \
	    "modem_downstream_correctables", GAUGE, "", \
	    "Correctable Codewords") \
	FIELD(uncorrectable, "uncorrect", COUNTER, \
	    "modem_downstream_uncorrectables", GAUGE, "", \
	    "Uncorrectable Codewords") \
	FIELD(frequency, "frequency", HERTZ, \
	    "modem_downstream_frequency_hertz", GAUGE, "", \
	    "Centre frequency of the channel (dsinfo, frequency).") \
	ALSO(corrected, \
	    "modem_downstream_corrected_codewords", COUNTER, "", \
	    "Codewords with errors that were corrected (dsinfo, correcteds).") \
	ALSO(uncorrectable, \
	    "modem_downstream_uncorrectable_codewords", COUNTER, "", \
	    "Codewords that were lost (dsinfo, uncorrect).") \
	FIELD(octets, "dsoctets", COUNTER, \
	    "modem_downstream_octets", COUNTER, "", \
	    "What the modem calls octets (dsinfo, dsoctets): known firmware " \
	    "counts unerrored codewords here, not bytes.") \
	FIELD(port, "portId", PORT, \
	    "modem_downstream_channel", INFO, "port", \
	    "What the channel is (dsinfo, portId, frequency, modulation).") \
	ALSO(frequency, "modem_downstream_channel", INFO, "frequency", NULL) \
	FIELD(modulation, "modulation", MODULATION, \
	    "modem_downstream_channel", INFO, "modulation", NULL) \
	ALSO(frequency, "modem_downstream_channels", COUNT, "", \
	    "Downstream channels with a frequency (dsinfo, frequency).")

/* usinfo.asp: upstream SC-QAM channels. */
#define CM_UPSTREAM_FIELDS(FIELD, ALSO) \
	FIELD(channel, "channelId", ID, NULL, GAUGE, "", NULL) \
	FIELD(power, "signalStrength", DECIMAL, \
	    "modem_upstream_power", GAUGE, "", \
	    "Upstream Power Level (dBmV)") \
	FIELD(frequency, "frequency", HERTZ, \
	    "modem_upstream_frequency_hertz", GAUGE, "", \
	    "Centre frequency of the channel (usinfo, frequency).") \
	FIELD(bandwidth, "bandwidth", HERTZ, \
	    "modem_upstream_bandwidth_hertz", GAUGE, "", \
	    "Width of the channel (usinfo, bandwidth).") \
	FIELD(port, "portId", PORT, \
	    "modem_upstream_channel", INFO, "port", \
	    "What the channel is (usinfo, portId, frequency, modtype, " \
	    "scdmaMode).") \
	ALSO(frequency, "modem_upstream_channel", INFO, "frequency", NULL) \
	FIELD(modulation, "modtype", TEXT, \
	    "modem_upstream_channel", INFO, "modulation", NULL) \
	FIELD(mode, "scdmaMode", TEXT, \
	    "modem_upstream_channel", INFO, "mode", NULL) \
	ALSO(frequency, "modem_upstream_channels", COUNT, "", \
	    "Upstream channels with a frequency (usinfo, frequency).")

/* dsofdminfo.asp: downstream OFDM channels (DOCSIS 3.1).  The stages of lock
 * are the PHY link channel, the next codeword pointer and the first profile
 * (CM-SP-PHYv3.1, 7.5). */
#define CM_OFDM_FIELDS(FIELD, ALSO) \
	FIELD(channel, "receive", ID, NULL, GAUGE, "", NULL) \
	FIELD(power, "plcpower", DECIMAL, \
	    "modem_ofdm_power", GAUGE, "", \
	    "OFDM Downstream Power Level (dBmV)") \
	FIELD(snr, "SNR", DECIMAL, \
	    "modem_ofdm_snr", GAUGE, "", \
	    "OFDM Downstream SNR (dB)") \
	FIELD(corrected, "correcteds", COUNTER, \
	    "modem_ofdm_correctable", GAUGE, "", \
	    "OFDM codewords corrected, as a gauge (dsofdminfo, correcteds).") \
	FIELD(uncorrectable, "uncorrect", COUNTER, \
	    "modem_ofdm_uncorrectable", GAUGE, "", \
	    "OFDM codewords lost, as a gauge (dsofdminfo, uncorrect).") \
	FIELD(frequency, "Subcarr0freqFreq", HERTZ, \
	    "modem_ofdm_subcarrier0_frequency_hertz", GAUGE, "", \
	    "Frequency of subcarrier 0, the lower edge of the grid " \
	    "(dsofdminfo, Subcarr0freqFreq).") \
	ALSO(corrected, \
	    "modem_ofdm_corrected_codewords", COUNTER, "", \
	    "Codewords with errors that were corrected (dsofdminfo, " \
	    "correcteds); large by design, as LDPC corrects most of them.") \
	ALSO(uncorrectable, \
	    "modem_ofdm_uncorrectable_codewords", COUNTER, "", \
	    "Codewords that were lost (dsofdminfo, uncorrect).") \
	FIELD(octets, "dsoctets", COUNTER, \
	    "modem_ofdm_octets", COUNTER, "", \
	    "What the modem calls octets (dsofdminfo, dsoctets).") \
	FIELD(plc_lock, "plclock", IS(YES), \
	    "modem_ofdm_lock", GAUGE, "stage=plc", \
	    "1 if the receiver has this stage of lock, else 0 (dsofdminfo, " \
	    "plclock, ncplock, mdc1lock).") \
	FIELD(ncp_lock, "ncplock", IS(YES), \
	    "modem_ofdm_lock", GAUGE, "stage=ncp", NULL) \
	FIELD(mdc1_lock, "mdc1lock", IS(YES), \
	    "modem_ofdm_lock", GAUGE, "stage=mdc1", NULL) \
	ALSO(frequency, "modem_ofdm_channel", INFO, "frequency", \
	    "What the channel is (dsofdminfo, Subcarr0freqFreq, ffttype).") \
	FIELD(fft, "ffttype", TEXT, "modem_ofdm_channel", INFO, "fft", NULL)

/* usofdminfo.asp: upstream OFDMA channels (DOCSIS 3.1). */
#define CM_OFDMA_FIELDS(FIELD, ALSO) \
	FIELD(channel, "uschindex", ID, NULL, GAUGE, "", NULL) \
	FIELD(operational, "state", IS(OPERATE), \
	    "modem_ofdma_operational", GAUGE, "", \
	    "1 if the channel's state is OPERATE, else 0 (usofdminfo, " \
	    "state).") \
	FIELD(state, "state", TEXT, "modem_ofdma_channel", INFO, "state", \
	    "What the channel is (usofdminfo, state, fftVal).") \
	FIELD(fft, "fftVal", TEXT, "modem_ofdma_channel", INFO, "fft", NULL) \
	FIELD(power, "repPower", DECIMAL, \
	    "modem_ofdma_power", GAUGE, "", \
	    "Transmit power over the whole channel in dBmV (usofdminfo, " \
	    "repPower).") \
	FIELD(power_1_6mhz, "repPower1_6", DECIMAL, \
	    "modem_ofdma_power_1_6mhz", GAUGE, "", \
	    "Transmit power in 1.6 MHz in dBmV, the figure to compare with " \
	    "a QAM channel (usofdminfo, repPower1_6).") \
	FIELD(frequency, "frequency", HERTZ, \
	    "modem_ofdma_frequency_hertz", GAUGE, "", \
	    "Frequency of the channel (usofdminfo, frequency).") \
	FIELD(bandwidth, "channelBw", MEGAHERTZ, \
	    "modem_ofdma_bandwidth_hertz", GAUGE, "", \
	    "Width of the channel (usofdminfo, channelBw).") \
	FIELD(attenuation, "digAtten", DECIMAL, \
	    "modem_ofdma_digital_attenuation", GAUGE, "", \
	    "Digital attenuation in dB (usofdminfo, digAtten).") \
	FIELD(attenuation_backoff, "digAttenBo", DECIMAL, \
	    "modem_ofdma_digital_attenuation_backoff", GAUGE, "", \
	    "Back-off of the digital attenuation in dB (usofdminfo, " \
	    "digAttenBo).")

/* getCmDocsisWan.asp: the modem's own address and permission. */
#define CM_WAN_FIELDS(FIELD, ALSO) \
	FIELD(config_name, "Configname", TEXT, \
	    "modem_wan", INFO, "config_name", \
	    "The modem's configuration file and management address " \
	    "(getCmDocsisWan, Configname, CmIpAddress, CmNetMask, " \
	    "CmGateway).") \
	FIELD(ip_address, "CmIpAddress", TEXT, \
	    "modem_wan", INFO, "ip_address", NULL) \
	FIELD(netmask, "CmNetMask", TEXT, "modem_wan", INFO, "netmask", NULL) \
	FIELD(gateway, "CmGateway", TEXT, "modem_wan", INFO, "gateway", NULL) \
	FIELD(network_access, "NetworkAccess", IS(Permitted), \
	    "modem_wan_network_access", GAUGE, "", \
	    "1 if the operator permits network access, else 0 " \
	    "(getCmDocsisWan, NetworkAccess).") \
	FIELD(lease, "CmIpLeaseDuration", DURATION, \
	    "modem_wan_dhcp_lease_seconds", GAUGE, "", \
	    "Duration of the address's lease (getCmDocsisWan, " \
	    "CmIpLeaseDuration).")

/* getSysInfo.asp.  Serial number and MAC are personal data: read, and shown
 * as labels, only if the module asks for them. */
#define CM_SYSTEM_FIELDS(FIELD, ALSO) \
	FIELD(uptime, "systemUptime", DURATION, \
	    "modem_uptime", GAUGE, "", \
	    "Modem uptime in seconds") \
	FIELD(time, "systemTime", TIME, \
	    "modem_system_time", GAUGE, "", \
	    "Modem system time (unix timestamp)") \
	FIELD(uptime_text, "systemUptime", TEXT, \
	    "modem_uptime_str", INFO, "uptime", \
	    "Modem uptime as string") \
	FIELD(vendor, "system_model/vendorname", TEXT, \
	    "modem", INFO, "vendor", \
	    "What the modem is (system_model, vendorname, modelName; " \
	    "getSysInfo, hwVersion, swVersion).") \
	FIELD(model, "system_model/modelName", TEXT, \
	    "modem", INFO, "model", NULL) \
	FIELD(hardware_version, "hwVersion", TEXT, \
	    "modem", INFO, "hardware_version", NULL) \
	FIELD(software_version, "swVersion", TEXT, \
	    "modem", INFO, "software_version", NULL) \
	FIELD(serial_number, "serialNumber", TEXT, \
	    "modem", IDENTIFIER, "serial_number", NULL) \
	FIELD(rf_mac, "rfMac", TEXT, \
	    "modem", IDENTIFIER, "rf_mac", NULL)

/* getCMInit.asp: the steps of coming online (CM-SP-MULPIv3.1, 10). */
#define CM_INIT_FIELDS(FIELD, ALSO) \
	FIELD(hw_init, "hwInit", IS(Success), \
	    "modem_docsis_init_success", GAUGE, "stage=hw_init", \
	    "1 if the stage of coming online is done, else 0 (getCMInit).") \
	FIELD(find_downstream, "findDownstream", IS(Success), \
	    "modem_docsis_init_success", GAUGE, "stage=find_downstream", NULL) \
	FIELD(ranging, "ranging", IS(Success), \
	    "modem_docsis_init_success", GAUGE, "stage=ranging", NULL) \
	FIELD(dhcp, "dhcp", IS(Success), \
	    "modem_docsis_init_success", GAUGE, "stage=dhcp", NULL) \
	FIELD(time_of_day, "timeOfday", IS(Success), \
	    "modem_docsis_init_success", GAUGE, "stage=time_of_day", NULL) \
	FIELD(download_config, "downloadCfg", IS(Success), \
	    "modem_docsis_init_success", GAUGE, "stage=download_config", NULL) \
	FIELD(registration, "registration", IS(Success), \
	    "modem_docsis_init_success", GAUGE, "stage=registration", NULL) \
	FIELD(bpi_auth, "bpiStatus", AUTH, \
	    "modem_docsis_bpi", INFO, "auth", \
	    "State of Baseline Privacy (getCMInit, bpiStatus).") \
	FIELD(bpi_tek, "bpiStatus", TEK, \
	    "modem_docsis_bpi", INFO, "tek", NULL) \
	FIELD(bpi_operational, "bpiStatus", BPI, \
	    "modem_docsis_bpi_operational", GAUGE, "", \
	    "1 if Baseline Privacy is authorized and its traffic keys are " \
	    "operational, else 0; 0 is no fault where the operator does " \
	    "without (getCMInit, bpiStatus).") \
	FIELD(network_access, "networkAccess", IS(Permitted), \
	    "modem_docsis_network_access", GAUGE, "", \
	    "1 if the operator permits network access, else 0 (getCMInit, " \
	    "networkAccess).") \
	FIELD(traffic, "trafficStatus", IS(Enable), \
	    "modem_docsis_traffic_enabled", GAUGE, "", \
	    "1 if traffic is enabled, else 0 (getCMInit, trafficStatus).")

/* getLinkStatus.asp: the Ethernet ports, in order. */
#define CM_LINK_FIELDS(FIELD, ALSO) \
	FIELD(port, "", PLACE, NULL, GAUGE, "", NULL) \
	FIELD(up, "LinkStatus", IS(Up), \
	    "modem_link_up", GAUGE, "", \
	    "1 if the port has a link, else 0 (getLinkStatus, LinkStatus).") \
	FIELD(speed, "LinkSpeed", SPEED, \
	    "modem_link_speed_bytes", GAUGE, "", \
	    "Speed of the port's link in bytes per second (getLinkStatus, " \
	    "LinkSpeed).") \
	FIELD(full_duplex, "LinkDuplex", IS(Full), \
	    "modem_link_full_duplex", GAUGE, "", \
	    "1 if the port's link is full duplex, else 0 (getLinkStatus, " \
	    "LinkDuplex).")

/* status_log.asp: at most 20 rows, newest first.  Too many values for labels:
 * no row is a metric, but they are counted in the records below. */
#define CM_EVENT_FIELDS(FIELD, ALSO) \
	FIELD(time, "time", LOG_TIME, NULL, GAUGE, "time", NULL) \
	FIELD(type, "type", TEXT, NULL, INFO, "type", NULL) \
	FIELD(priority, "priority", LOG_PRIORITY, NULL, INFO, "priority", \
	    NULL) \
	FIELD(text, "event", LOG_TEXT, NULL, INFO, "text", NULL)

#define CM_PRIORITY_FIELDS(FIELD, ALSO) \
	FIELD(priority, "", OURS, NULL, GAUGE, "", NULL) \
	FIELD(entries, "", OURS, \
	    "modem_event_log_entries", GAUGE, "", \
	    "Rows that the event log holds at the moment, by priority " \
	    "(status_log, priority).")

#define CM_OCCURRENCE_FIELDS(FIELD, ALSO) \
	FIELD(event, "", OURS, NULL, GAUGE, "", NULL) \
	FIELD(entries, "", OURS, \
	    "modem_event_log_events", GAUGE, "", \
	    "Rows that the event log holds at the moment, by kind of event " \
	    "(status_log, type).")

#define CM_LATEST_FIELDS(FIELD, ALSO) \
	FIELD(priority, "", OURS, NULL, GAUGE, "", NULL) \
	FIELD(timestamp, "", OURS, \
	    "modem_event_log_latest_timestamp_seconds", GAUGE, "", \
	    "Time of the latest row of the event log, by priority, in unix " \
	    "time (status_log, time).")

/* The structs: cm_outcome, cm_page, cm_connection, cm_downstream, ... */
#define CM_MEMBER(member, key, kind, family, type, label, help) \
	const char *member;
#define CM_NO_MEMBER(member, family, type, label, help)

#define X(NAME, name, label, single, prefix) \
	struct cm_##name { CM_##NAME##_FIELDS(CM_MEMBER, CM_NO_MEMBER) };
CM_RECORDS(X)
#undef X

#undef CM_MEMBER
#undef CM_NO_MEMBER

#endif
