package main

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// generator makes random cases. Its pools are small, so that keys and images meet often.
type generator struct{ *rand.Rand }

func (g generator) chance(percent float64) bool { return g.Float64()*100 < percent }

func pick[T any](g generator, of ...T) T { return of[g.IntN(len(of))] }

var hosts = []string{
	"reg.example", "reg.example", "reg.example", "reg.example:5000", "eu.reg.example", "us.reg.example", "a.b.reg.example",
	"localhost", "localhost:5000", "10.0.0.7:5000", "10.0.0.7", "[::1]:5000", "[fd00::7]", "docker.io", "docker.io", "docker.io",
	"index.docker.io", "registry-1.docker.io", "hub.docker.com", "registry.hub.docker.com", "Reg.Example", "REG", "a__b.c",
	"xn--bcher-kva.example", "r-1.x2.example:443", "quay.example", "r.e",
}

var imagePaths = []string{
	"app", "team/app", "team/app", "team-b/app", "team/sub/app", "library/busybox", "busybox", "v1/app", "v2/team/app", "v11/app",
	"a.b/c_d", "a__b/c--d", "t/a", "v1", "teamx",
}

func (g generator) vector() vector {
	host := pick(g, hosts...)
	path := pick(g, imagePaths...)
	v := vector{Secrets: []secret{}, Image: g.image(host, path)}
	for n := pick(g, 0, 1, 1, 1, 1, 2, 2, 3, 4); n > 0; n-- {
		v.Secrets = append(v.Secrets, g.secret(fmt.Sprintf("s%d", n), host, path))
	}
	return v
}

func (g generator) image(host, path string) string {
	name := host + "/" + path
	if (host == "docker.io" || g.chance(5)) && g.chance(70) {
		name = path
	}
	if g.chance(3) {
		return g.noise("ab1.-_/:@A[]", 9)
	}
	digest := "@sha256:" + g.hex(64)
	if g.chance(25) {
		digest = "@" + pick(g, "sha256:", "sha512:", "sha512:", "sha384:", "md5:", "SHA256:") + g.hex(pick(g, 64, 128, 128, 96, 32, 31, 65))
	}
	switch g.IntN(20) {
	case 0, 1, 2, 3, 4, 5:
		name += ":" + pick(g, "latest", "v1", "1.2.3", "_x", "A-b.c", "5000")
	case 6, 7:
		name += digest
	case 8:
		name += ":v1" + digest
	case 9:
		if g.chance(60) {
			name = g.spoil(name)
		}
	case 10:
		if g.chance(40) {
			name = pick(g, "", "/", ":", "@", "/app", "app/", "a//b", "reg.example", "reg.example:5000", "localhost", g.hex(64), g.hex(63),
				g.hex(64)+":v1", "https://reg.example/app", "reg.example/App", "App", "reg.example/app:", "reg.example/app:-x", "reg.example/a___b",
				"reg.example/a..b", "reg.example/-a", "reg.example/a-", "-reg.example/app", "reg.example:/app", "reg.example:x/app", "reg..example/app",
				strings.Repeat("a", 255), strings.Repeat("a", 256), "reg.example/"+strings.Repeat("b", 255), "reg.example/"+strings.Repeat("b", 256),
				"reg.example/app:"+strings.Repeat("t", 128), "reg.example/app:"+strings.Repeat("t", 129), " app", "app ", "app\n", "é/app", "re\u017f/app",
				"docker.io/library", "index.docker.io/team/app", "registry.hub.docker.com/library/busybox", "[::1]/app", "[::zz]:1/app", "[::1/app",
				"[]/app", "1.2.3.4/app", "a__b.c/d", "a_b.c/d", "a.b_/c", "HOST/app", "host/app", "Host/Team/app", "reg.example/app@sha256:"+strings.ToUpper(g.hex(64)))
		}
	}
	return name
}

func (g generator) hex(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[g.IntN(16)]
	}
	return string(b)
}

// noise is text of an alphabet that is tricky for one parser.
func (g generator) noise(alphabet string, most int) string {
	letters := []rune(alphabet)
	b := make([]rune, g.IntN(most+1))
	for i := range b {
		b[i] = letters[g.IntN(len(letters))]
	}
	return string(b)
}

// spoil changes, inserts, repeats or removes a character.
func (g generator) spoil(s string) string {
	if s == "" {
		return s
	}
	i := g.IntN(len(s))
	c := pick(g, " ", "\n", "\t", "\x00", "\x7f", ":", "/", "//", ".", "..", "@", "%", "%25", "%41", "%ff", "%e9", "%2f", "%2F", "%zz", "[", "]", "[a-z]", "[^a]",
		"*", "?", "#", "\\", "<", ">", "\"", "'", "`", "{", "|", "^", "_", "-", "+", "=", "&", "$", "!", "(", ";", ",", "~", "A", "Z", "é", "\u017f", "\u212a", "😀", "\ufffd", "0", "x")
	switch g.IntN(4) {
	case 0:
		return s[:i] + c + s[i:]
	case 1:
		return s[:i] + c + s[i+1:]
	case 2:
		return s[:i] + s[i+1:]
	default:
		return s + c
	}
}

func (g generator) secret(name, host, path string) secret {
	s := secret{Name: name, Type: "kubernetes.io/dockerconfigjson"}
	if g.chance(5) {
		s.Name = "s1"
	}
	cfg := g.chance(30)
	key := ".dockerconfigjson"
	if cfg {
		s.Type, key = "kubernetes.io/dockercfg", ".dockercfg"
	}
	payload := g.auths(host, path)
	if !cfg {
		payload = g.configJSON(payload)
	}
	payload = g.spoilJSON(payload)
	s.Data = map[string][]byte{key: []byte(payload)}
	switch g.IntN(60) {
	case 0:
		s.Type = "Opaque"
	case 1:
		s.Type = pick(g, "", "kubernetes.io/tls", "Kubernetes.io/dockerconfigjson", "kubernetes.io/dockerconfigjson ", "kubernetes.io/dockerconfig")
	case 2: // the other type with the same key
		if cfg {
			s.Type = "kubernetes.io/dockerconfigjson"
		} else {
			s.Type = "kubernetes.io/dockercfg"
		}
	case 3: // the other form under this type's key
		if cfg {
			s.Data[key] = []byte(g.configJSON(g.auths(host, path)))
		} else {
			s.Data[key] = []byte(g.auths(host, path))
		}
	case 4:
		s.Data = pick(g, nil, map[string][]byte{}, map[string][]byte{key: {}}, map[string][]byte{"config.json": []byte(payload)})
	case 5:
		s.Data[pick(g, ".dockercfg", ".dockerconfigjson", "other")] = []byte(g.auths(host, path))
	}
	return s
}

func (g generator) configJSON(auths string) string {
	var members []string
	add := func(name, value string) { members = append(members, g.name(name)+g.ws()+":"+g.ws()+value) }
	if !g.chance(2) {
		if g.chance(1.5) {
			auths = pick(g, "null", `""`, "[]", "1", "true", `"x"`)
		}
		add("auths", auths)
	}
	if g.chance(5) {
		add("HttpHeaders", pick(g, "null", "{}", `{"User-Agent":"x"}`, `{"a":null}`, `{"a":"b","a":"c"}`))
	}
	if g.chance(0.7) {
		add("HttpHeaders", pick(g, `{"a":1}`, "[]", `"x"`, "7", `{"a":{}}`, "false"))
	}
	if g.chance(8) {
		add(pick(g, "credsStore", "credHelpers", "currentContext", "auth", "detachKeys"), pick(g, `"desktop"`, `{"reg.example":"ecr-login"}`, "null", "[1,{}]", "-1.5e3"))
	}
	if g.chance(2.5) {
		add("auths", pick(g, "null", "{}", g.auths("reg.example", "team/app")))
	}
	g.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	return "{" + g.ws() + strings.Join(members, g.ws()+","+g.ws()) + g.ws() + "}"
}

func (g generator) auths(host, path string) string {
	var members []string
	var keys []string
	for n := pick(g, 0, 1, 1, 1, 1, 2, 2, 2, 3, 4, 6); n > 0; n-- {
		key := g.key(host, path)
		if len(keys) > 0 && g.chance(6) {
			key = pick(g, keys...)
		}
		keys = append(keys, key)
		members = append(members, g.str(key)+g.ws()+":"+g.ws()+g.entry())
	}
	return "{" + g.ws() + strings.Join(members, g.ws()+","+g.ws()) + g.ws() + "}"
}

// key makes a registry key, mostly one that could cover the image.
func (g generator) key(host, path string) string {
	if g.chance(4) {
		return pick(g, "", "https://", "http://") + g.noise("re.:/@%25?#*[]1v\\-é ", 10)
	}
	if g.chance(4) { // noise inside one label or the path
		labels := strings.Split(host, ".")
		i := g.IntN(len(labels))
		labels[i] = g.noise("**??reg-1%25", 6)
		return strings.Join(labels, ".") + pick(g, "", "", "/"+g.noise("teamp/v12.%2f?#*", 6))
	}
	if g.chance(18) {
		host = pick(g, hosts...)
	}
	if g.chance(12) {
		path = pick(g, imagePaths...)
	}
	if host == "docker.io" && g.chance(60) {
		host = pick(g, "index.docker.io", "index.docker.io", "docker.io", "registry-1.docker.io", "*.docker.io", "*.io", "hub.docker.com")
	}
	if g.chance(9) {
		host = g.port(host)
	}
	if g.chance(25) {
		host = g.glob(host)
	}
	if g.chance(4) {
		host = strings.ToUpper(host)
	}
	if g.chance(3) {
		host = g.spoil(host)
	}
	if g.chance(6) {
		host = pick(g, "user@", "user:pw@", "u%20v@", "u%zz@", "u v@", "u@v@", "@", ":@", "é@", "a/b@", "u:p:q@", "u:%@", "%5b@") + host
	}
	tail := ""
	switch g.IntN(12) {
	case 0, 1, 2:
		cut := strings.Split(path, "/")
		tail = "/" + strings.Join(cut[:1+g.IntN(len(cut))], "/")
		if g.chance(30) {
			tail = tail[:1+g.IntN(len(tail))]
		}
		if g.chance(30) {
			tail += "/"
		}
	case 3, 4:
		tail = pick(g, "/v1/", "/v2/", "/v1/", "/v2/", "/v1", "/v2", "/v1/"+path, "/v2/"+path, "/v1//", "/v11/", "/V2/", "/v2/v2/", "/v2/v1", "/v3/")
	case 5:
		tail = pick(g, "/", "//", "/?", "?", "#", "/#", "?x=y", "/#%zz", "#%", "?%zz", "/.", "/..", "/*", "/team*", "/te?m", "/"+path+":v1", "/"+path+"@sha256:00", "/TEAM",
			"/%74eam", "/te%61m/", "/team%2Fapp", "/team%2fapp", "/%", "/%4", "/%zz", "/%2574eam", "/%3f", "/%23", "/team%3Fx", "/%ff", "/%00", "/ ", "/a b", "/é", "/[", "/\\", "/team%20", "%2fteam")
	case 6:
		if g.chance(25) {
			tail = g.spoil("/" + path)
		}
	}
	key := host + tail
	switch g.IntN(12) {
	case 0, 1, 2, 3:
		key = "https://" + key
	case 4:
		key = pick(g, "http://", "http://", "HTTPS://", "Https://", "oci://", "docker://", "//", "https:/", "https:", "https://https://", "http://http://", "ftp://", "://", "https:///") + key
	case 5:
		if g.chance(15) {
			key = g.spoil(key)
		}
	case 6:
		if g.chance(8) {
			key = pick(g, "", " ", "/", "*", "*.*", "*.*.*", "?", "https://", "http://", "https:", ".", "..", ":5000", "*:5000", "[", "[]", "[]:5000", "[::1]", "[::1]:5000", "[::1%25eth0]:5000",
				"[::1%25e%74h0]:5000", "[::1%25]", "[::1%25%41]", "[::1%25%20]", "[::1%25%ff]", "[1.2.3.4]", "[::ffff:1.2.3.4]", "[::ffff:01.2.3.4]", "[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7::]", "[::2:3:4:5:6:7:8]", "[1::2::3]",
				"[12345::]", "[::1]x", "x[::1]", "[::1", "::1", "[a-z].example", "[[::1]]", "[::%31]", "reg.example\x00", "\treg.example", "%25", "%25reg.example", "%2525", "%255b", "%c3%a9.example", "é.example", "%C3.example",
				"auths", "reg.example:5000/", "0", "reg.example:0", "reg.example:99999999", "\u2028", "reg.example.", ".reg.example")
		}
	}
	return key
}

func (g generator) port(host string) string {
	if i := strings.LastIndex(host, ":"); i > 0 && g.chance(60) {
		host = host[:i]
	}
	return host + pick(g, "", "", ":443", ":5000", ":5000", ":80", ":", ":05000", ":http", ":5000:1", ":*", ":50?0", ": 5000", ":-1", ":+1", ":%35000")
}

func (g generator) glob(host string) string {
	labels := strings.Split(host, ".")
	for n := 1 + g.IntN(2); n > 0; n-- {
		i := g.IntN(len(labels))
		l := labels[i]
		if l == "" {
			continue
		}
		j := g.IntN(len(l))
		switch g.IntN(10) {
		case 0, 1, 2:
			labels[i] = "*"
		case 3, 4:
			labels[i] = l[:j] + "?" + l[j+1:]
		case 5:
			labels[i] = l[:j] + "*"
		case 6:
			labels[i] = "*" + l[j:]
		case 7:
			labels[i] = l[:j] + "*" + l[j:]
		case 8:
			labels[i] = l[:j] + pick(g, "[a-z]", "[^a-z]", "[a", "[]", "[^]", "[a-]", "[z-a]", "]", "\\"+l[j:j+1], "\\") + l[j+1:]
		default:
			labels[i] = pick(g, "**", "?*", "*?", "*a*e*", "???", "????????")
		}
	}
	return strings.Join(labels, ".")
}

func (g generator) word() string {
	return pick(g, "alice", "bob", "AWS", "robot$ci", "_json_key", "", "a:b", "ü", "p w", "x", "00000000-0000-0000-0000-000000000000", "<token>", "u\n")
}

func (g generator) pass() string {
	return pick(g, "pw1", "pw2", "pw3", "s3cr:et", "", "pw\n", "p\"w\\", "päss", "😀", " pw ", "<&>", "pw\x00", "\u2028", strings.Repeat("k", g.IntN(60)))
}

func (g generator) entry() string {
	if g.chance(4) {
		return pick(g, "{}", "{}", "null", "{ }", `{"x":{"username":"no"}}`)
	}
	if g.chance(0.7) {
		return pick(g, `"x"`, "[]", "1", "true", "[{}]", `""`, "false")
	}
	var members []string
	add := func(name, value string) { members = append(members, g.name(name)+g.ws()+":"+g.ws()+value) }
	mode := g.IntN(10)
	user, pass := g.word(), g.pass()
	if mode < 7 {
		add("username", g.value(user))
		add("password", g.value(pass))
	}
	if mode > 4 {
		if mode < 7 && g.chance(40) {
			user, pass = g.word(), g.pass()
		}
		add("auth", g.auth(user, pass))
	}
	if g.chance(15) {
		add("email", g.value("a@b.example"))
	}
	if g.chance(10) {
		add(pick(g, "identitytoken", "registrytoken", "IdentityToken", "serveraddress", "Secret", "provider", "user", "pass"), pick(g, `"tok"`, `""`, "null", "{}", "[1]", "12", "1e999", "true"))
	}
	if g.chance(3) { // a repeated member
		add(pick(g, "username", "password"), g.value(g.word()))
	}
	if g.chance(1) {
		add("auth", pick(g, "null", `""`, g.auth(g.word(), g.pass())))
	}
	if g.chance(0.7) {
		add(pick(g, "username", "password", "email", "auth"), pick(g, "1", "true", "{}", "[]", "[\"x\"]", "-0.5", "false"))
	}
	if g.chance(50) {
		g.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	}
	return "{" + g.ws() + strings.Join(members, g.ws()+","+g.ws()) + g.ws() + "}"
}

// value writes a text as a JSON string, now and then null.
func (g generator) value(s string) string {
	if g.chance(1.5) {
		return "null"
	}
	return g.str(s)
}

func (g generator) auth(user, pass string) string {
	if g.chance(3) {
		return pick(g, `""`, "null")
	}
	if g.chance(1.5) {
		return g.str(g.noise("YTpiQR=\n\r-_ +/", 14))
	}
	plain := user + ":" + pass
	if g.chance(2) {
		plain = pick(g, "nocolon", ":", "::", ":p", "u:", "\xff\xfe:\x80", "u:\xe2\x82", "u:p\n", "", "u\x00:p")
	}
	text := base64.StdEncoding.EncodeToString([]byte(plain))
	switch g.IntN(16) {
	case 0, 1:
		text = base64.RawStdEncoding.EncodeToString([]byte(plain))
	case 2:
		text = g.insert(text, pick(g, "\n", "\r\n", "\r"))
	case 3:
		text += pick(g, "\n", "\r\n", "\n\n")
	case 4:
		text = base64.URLEncoding.EncodeToString([]byte(plain))
	case 5:
		if g.chance(30) {
			text = pick(g, g.insert(text, pick(g, " ", "\t", "=", "-", "_", "\u00a0", "*", "\x00", ".", "é")), text+" ", text+"=", text+"==", " "+text, "\n"+text, text[:g.IntN(len(text)+1)],
				"=", "==", "====", "A", "AB", "ABC", "AB=", "AB==", "AB=C", "ABC=", "ABC==", "ABCD=", "A=BC", "YTpi\u00a0", "YTpi=\u2003", "YTpi\u0085", "YTpi YTpi", "YQ==YTpi", "YT\n", "YTo\n=\n", "YTo=\nx", "YQ=\n=", "YR==", "YTpj\r\n\r\n", "\n", "\r")
		}
	case 6: // spare bits that are not zero
		if n := len(text); n > 3 && text[n-1] == '=' && text[n-2] != '=' {
			c := text[n-2]
			if c >= 'A' && c < 'Z' {
				text = text[:n-2] + string(c+1) + "="
			}
		}
	}
	return g.str(text)
}

func (g generator) insert(s, what string) string {
	i := g.IntN(len(s) + 1)
	return s[:i] + what + s[i:]
}

// ws is white space between tokens.
func (g generator) ws() string {
	if !g.chance(4) {
		return ""
	}
	return pick(g, " ", "\n", "\t", "\r\n", "  ")
}

// name writes a member name, now and then in another case.
func (g generator) name(s string) string {
	if g.chance(6) {
		s = pick(g, strings.ToUpper(s), strings.ToUpper(s[:1])+s[1:], strings.Replace(s, "s", "\u017f", 1), strings.Replace(s, "a", "A", 1), strings.Replace(s, "s", "ß", 1), s+" ", strings.Replace(s, "e", "é", 1))
	}
	return g.str(s)
}

// str writes a text as a JSON string, with escapes where they are needed and some where they are not.
func (g generator) str(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	odd := g.chance(4)
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '/' && g.chance(5):
			b.WriteString(`\/`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20:
			fmt.Fprintf(&b, `\u%04x`, r)
		case r > 0xffff && g.chance(50):
			fmt.Fprintf(&b, `\u%04x\u%04X`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		case r <= 0xffff && (odd && g.chance(20) || r == 0xfffd):
			fmt.Fprintf(&b, pick(g, `\u%04x`, `\u%04X`), r)
		default:
			b.WriteRune(r)
		}
	}
	if g.chance(0.6) {
		b.WriteString(pick(g, "\xff", "\xe2\x82", "\xed\xa0\x80", "\xf0\x9f\x98", "\xc0\xaf", `\ud800`, `\udc00`, `\ud800\ud83d\ude00`, `\ud83d\u0041`, `\ud83dx`, `\b\f`, "\x7f", "\u00a0"))
	}
	b.WriteByte('"')
	return b.String()
}

// spoilJSON breaks the syntax of some payloads, and puts harmless things around others.
func (g generator) spoilJSON(s string) string {
	if g.chance(3) {
		s = pick(g, " ", "\n", "\r\n\t") + s + pick(g, "\n", " ", "")
	}
	if g.chance(1.5) {
		return g.noise(`{{}}[]"":,,0e-.+tr \nul`, 12)
	}
	if g.chance(1.5) { // noise around one byte
		i := g.IntN(len(s) + 1)
		return s[:i] + g.noise("{}[]\":,\\u0d8 \n1ne", 3) + s[min(len(s), i+g.IntN(3)):]
	}
	if !g.chance(3) {
		return s
	}
	i := g.IntN(len(s) + 1)
	return pick(g,
		s[:i], s+",", s+"}", s+"x", s+s, s[:i]+","+s[i:], s[:i]+"\x01"+s[i:], s[:i]+" "+s[i:], "\ufeff"+s, "\x00"+s, s+"\x00", s+"// c", "null", " null ", "true", "0", "-", "01", "1.", "1e", `"x"`, `""`, "[]", "{", "}", " ",
		strings.Replace(s, ":", "=", 1), strings.Replace(s, `"`, "'", 2), strings.Replace(s, "}", ",}", 1), strings.Replace(s, "{", "{,", 1), s[:i]+`\x`+s[i:], s[:i]+"\xff"+s[i:], s[:i]+"\n"+s[i:], s[:i]+`\u12`+s[i:],
		`{"auths":{},"x":`+strings.Repeat("[", 50)+strings.Repeat("]", 50)+"}", `{"a":nul}`, `{"a":tru`, `{"a":+1}`, `{"a":.5}`, `{"a":NaN}`, `{a:1}`, `{"a" 1}`, `{"a":1 "b":2}`, `{"a":1,,"b":2}`, `["a",]`, `[,]`,
		base64.StdEncoding.EncodeToString([]byte(s)))
}
