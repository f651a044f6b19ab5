package main

import (
	"encoding/json"
	"strings"
)

const (
	configJSONType = "kubernetes.io/dockerconfigjson"
	dockercfgType  = "kubernetes.io/dockercfg"
)

// corners are cases that chance would seldom meet: one odd thing each, beside things that are sound.
func corners() []vector {
	var all []vector
	one := func(image, payload string) {
		all = append(all, vector{Image: image, Secrets: []secret{
			{Name: "s1", Type: configJSONType, Data: map[string][]byte{".dockerconfigjson": []byte(payload)}},
		}})
	}
	quote := func(s string) string {
		b, _ := json.Marshal(s) // a string cannot fail
		return string(b)
	}

	for _, image := range cornerImages {
		one(image, `{"auths":{"*":{"auth":"YTpi"},"*.example":{"auth":"YTpj"},"docker.io":{"auth":"YTpk"},"index.docker.io":{"auth":"YTpl"}}}`)
	}
	for _, image := range []string{"busybox", "localhost/app", "HOST/app", "index.docker.io/team/app", "docker.io/app", "a__b.c/d", "hub.docker.com/x"} {
		one(image, `{"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"}}}`)
		one(image, `{"auths":{"https://index.docker.io/v1":{"auth":"YTpi"}}}`)
		one(image, `{"auths":{"https://index.docker.io/v1/":{"auth":"YTpi"},"docker.io":{"auth":"YTpj"}}}`)
		one(image, `{"auths":{"registry-1.docker.io":{"auth":"YTpi"},"hub.docker.com":{"auth":"YTpj"}}}`)
	}
	for _, c := range cornerKeys {
		one(c.image, `{"auths":{`+quote(c.key)+`:{"auth":"YTpi"}}}`)
	}
	for _, auth := range cornerAuths {
		one("reg.example/app", `{"auths":{"reg.example":{"username":"u","password":"p","auth":`+quote(auth)+`}}}`)
	}
	for _, payload := range cornerPayloads {
		one("reg.example/app", payload)
		all = append(all, vector{Image: "reg.example/app", Secrets: []secret{
			{Name: "s1", Type: dockercfgType, Data: map[string][]byte{".dockercfg": []byte(payload)}},
		}})
	}
	return all
}

var cornerImages = []string{
	"", "/", ":", "@", "app", "app:", "app:v1", "app:v1:v2", "app@", "team/app", "/app", "app/", "a//b", "a.b", "a.b/c", "a:1/b", "a:/b", "a:x/b",
	"reg.example", "reg.example/App", "REG.example/app", "Team/app", "tEam/app", "reg.example./app", ".reg.example/app", "reg..example/app",
	"-reg.example/app", "reg-.example/app", "reg_.example/app", "reg_x.example/app", "reg__x.example/app", "reg___x.example/app", "reg.-x/app",
	"reg.example/a___b", "reg.example/a__b", "reg.example/a_b", "reg.example/a..b", "reg.example/a.-b", "reg.example/a---b", "reg.example/a-",
	"reg.example/-a", "reg.example/a_", "reg.example/_a", "reg.example/a.", "reg.example:5000", "reg.example:5000/", "reg.example:05000/app",
	"reg.example:99999999/app", "[::1]/app", "[::1]:5000/app", "[::zz]/app", "[]/app", "[::1/app", "::1/app", "[::1]x/app", "[fe80::1%25en0]/app",
	"[1.2.3.4]/app", "1.2.3.4/app", "1.2.3.4:80/app", "localhost", "localhost/app", "localhost:80/app", "LOCALHOST/app", "localhost.example/app",
	"docker.io/app", "docker.io/library/app", "docker.io", "index.docker.io/app", "index.docker.io/a/b", "registry-1.docker.io/library/app",
	"https://reg.example/app", " app", "app ", "a pp", "app\n", "app\x00", "é/app", "app:é", "re\u017f.example/app", "\u0130/app", "app#x", "app?x", "a\\b",
	strings.Repeat("a", 64), strings.Repeat("g", 64), strings.Repeat("A", 64), strings.Repeat("a", 64) + ":v", strings.Repeat("a", 63),
	strings.Repeat("b", 247), strings.Repeat("b", 248), "reg.example/" + strings.Repeat("b", 255), "reg.example/" + strings.Repeat("b", 256),
	"a__b.c/" + strings.Repeat("b", 248), "a__b.c/" + strings.Repeat("b", 249), "app:" + strings.Repeat("t", 128), "app:" + strings.Repeat("t", 129),
	"app:-t", "app:.t", "app:_t", "app:t.", "app:T-_.t", "app:t/x", "app@sha256:" + strings.Repeat("0", 64), "app:v@sha256:" + strings.Repeat("f", 64),
	"app@sha256:" + strings.Repeat("F", 64), "app@sha256:" + strings.Repeat("0", 63), "app@sha256:" + strings.Repeat("0", 65), "app@SHA256:" + strings.Repeat("0", 64),
	"app@sha256:" + strings.Repeat("g", 64), "app@sha512:" + strings.Repeat("0", 128), "app@sha512:" + strings.Repeat("0", 64), "app@sha384:" + strings.Repeat("0", 96),
	"app@md5:" + strings.Repeat("0", 32), "app@a+b:" + strings.Repeat("0", 32), "app@a+:" + strings.Repeat("0", 32), "app@sha256:" + strings.Repeat("0", 64) + ":v",
	"app@sha256:" + strings.Repeat("0", 64) + "@sha256:" + strings.Repeat("0", 64), "app@:v", "a@b/c",
}

var cornerKeys = []struct{ key, image string }{
	{"*e.example", "e2e-e.example/app"}, {"*e", "example/app"}, {"*-*-*.example", "a-b-c-d.example/app"}, {"*a*b.example", "aabab.example/app"},
	{"a*.example", "a.example/app"}, {"*a.example", "a.example/app"}, {"**.example", "abc.example/app"}, {"?.example", "a.example/app"}, {"?.example", "ab.example/app"},
	{"*.*", "reg.example/app"}, {"*.example", "a.b.example/app"}, {"*.b.example", "a.b.example/app"}, {"*", "reg.example/app"}, {"*.example:5000", "reg.example:5000/app"},
	{"*.example", "reg.example:5000/app"}, {"*.example:5000", "reg.example/app"}, {"reg.example:*", "reg.example:5000/app"}, {"reg.example:443", "reg.example/app"},
	{"reg.example:", "reg.example/app"}, {"reg.example:05000", "reg.example:5000/app"}, {"reg.example:5000", "reg.example:05000/app"},
	{"[a-z]eg.example", "reg.example/app"}, {"r[a-z]g.example", "reg.example/app"}, {"reg\\.example", "reg.example/app"},
	{"reg.example/team", "reg.example/team/app"}, {"reg.example/team", "reg.example/team-b/app"}, {"reg.example/team/", "reg.example/team-b/app"},
	{"reg.example/team/app", "reg.example/team/app:v1"}, {"reg.example/team/app:v1", "reg.example/team/app:v1"}, {"reg.example/tea", "reg.example/team/app"},
	{"reg.example/*", "reg.example/team/app"}, {"reg.example/TEAM", "reg.example/team/app"}, {"reg.example//team", "reg.example/team/app"},
	{"reg.example/v1/", "reg.example/team/app"}, {"reg.example/v2/", "reg.example/team/app"}, {"reg.example/v1", "reg.example/team/app"}, {"reg.example/v2", "reg.example/v2/app"},
	{"reg.example/v1", "reg.example/v11/app"}, {"reg.example/v2/team", "reg.example/team/app"}, {"reg.example/v2/v2/", "reg.example/v2/app"}, {"reg.example/v3/", "reg.example/team/app"},
	{"reg.example/V2/", "reg.example/team/app"}, {"reg.example/%76%31/", "reg.example/team/app"}, {"reg.example/v2%2fteam", "reg.example/team/app"},
	{"reg.example/v2//", "reg.example/team/app"}, {"reg.example/", "reg.example/app"}, {"reg.example//", "reg.example/app"}, {"reg.example?", "reg.example/app"},
	{"reg.example?x", "reg.example/app"}, {"reg.example/?x", "reg.example/app"}, {"reg.example??", "reg.example/app"}, {"reg.example#", "reg.example/app"},
	{"reg.example#f", "reg.example/app"}, {"reg.example#%", "reg.example/app"}, {"reg.example#\x01", "reg.example/app"}, {"reg.example?\x01", "reg.example/app"}, {"reg.example?\x7f", "reg.example/app"}, {"reg.example#\x7f", "reg.example/app"},
	{"reg.example?%zz", "reg.example/app"}, {"reg.example/%3fx", "reg.example/app"}, {"reg.example/%23x", "reg.example/app"}, {"reg.example/te%61m", "reg.example/team/app"},
	{"reg.example/te%2561m", "reg.example/team/app"}, {"reg.example/te%25zzm", "reg.example/team/app"}, {"reg.example/%25252574eam", "reg.example/team/app"},
	{"reg.example/%0ateam", "reg.example/team/app"}, {"reg.example/%7f", "reg.example/app"}, {"reg.example/%ff", "reg.example/app"},
	{"https://reg.example", "reg.example/app"}, {"http://reg.example", "reg.example/app"}, {"HTTPS://reg.example", "reg.example/app"}, {"https:/reg.example", "reg.example/app"},
	{"https:reg.example", "reg.example/app"}, {"//reg.example", "reg.example/app"}, {"oci://reg.example", "reg.example/app"}, {"https://http://reg.example", "reg.example/app"},
	{"https://https://reg.example", "https/app"}, {"https:///reg.example", "reg.example/app"}, {"u@reg.example", "reg.example/app"}, {"u:p@reg.example", "reg.example/app"},
	{"u@v@reg.example", "reg.example/app"}, {"@reg.example", "reg.example/app"}, {"u%40@reg.example", "reg.example/app"}, {"u%@reg.example", "reg.example/app"},
	{"u:%@reg.example", "reg.example/app"}, {"u%:20@reg.example", "reg.example/app"}, {"u v@reg.example", "reg.example/app"}, {"é@reg.example", "reg.example/app"},
	{"u/@reg.example", "reg.example/app"}, {"u[@reg.example", "reg.example/app"}, {"u#@reg.example", "reg.example/app"}, {"u?@reg.example", "reg.example/app"},
	{"reg.example@reg.test", "reg.example/app"}, {"Reg.example", "reg.example/app"}, {"reg.example", "REG.example/app"}, {"reg.example.", "reg.example/app"},
	{" reg.example", "reg.example/app"}, {"reg.example ", "reg.example/app"}, {"reg.example\n", "reg.example/app"}, {"\treg.example", "reg.example/app"},
	{"reg.example\u00a0", "reg.example/app"}, {"reg.example<", "reg.example/app"}, {"reg.example\"", "reg.example/app"}, {"reg.example`", "reg.example/app"},
	{"%72eg.example", "reg.example/app"}, {"%25reg.example", "reg.example/app"}, {"reg.example%", "reg.example/app"}, {"reg%c3%a9.example", "reg.example/app"},
	{"[::1]", "[::1]/app"}, {"[::1]:5000", "[::1]:5000/app"}, {"[::1]:5000", "[::1]/app"}, {"[0:0:0:0:0:0:0:1]:5000", "[::1]:5000/app"}, {"[::1]:*", "[::1]:5000/app"},
	{"[::1%25en0]:5000", "[::1]:5000/app"}, {"[::zz]:5000", "[::zz]:5000/app"}, {"[fd00::7]:5000", "[FD00::7]:5000/app"}, {"[::*]:5000", "[::1]:5000/app"},
	{"*:5000", "[::1]:5000/app"}, {"1.2.3.4", "1.2.3.4/app"}, {"1.2.3.*", "1.2.3.4/app"}, {"1.2.3.4:80", "1.2.3.4/app"}, {"*.*.*.*", "1.2.3.4/app"},
	{"docker.io", "busybox"}, {"docker.io/library", "busybox"}, {"docker.io/team", "team/app"}, {"index.docker.io", "busybox"}, {"index.docker.io/", "busybox"},
	{"index.docker.io/v2/", "busybox"}, {"https://index.docker.io/v1/team", "team/app"}, {"INDEX.docker.io", "busybox"}, {"index.docker.io:443", "busybox"}, {"*.docker.io", "busybox"},
	{"*.io", "busybox"}, {"index.docker.*", "busybox"}, {"library/busybox", "busybox"}, {"library", "busybox"}, {"busybox", "busybox"}, {"index.docker.io", "localhost/app"},
	{"index.docker.io", "localhost:80/app"}, {"index.docker.io", "a__b.c/d"}, {"a__b.c", "a__b.c/d"}, {"a__b.*/d", "a__b.c/d"}, {"", "busybox"}, {"/", "busybox"}, {"https://", "busybox"},
}

var cornerAuths = []string{
	"YTpi", "YTpi\n", "YTpi\r\n", "\nYTpi", "YT\npi", "YTpi ", " YTpi", "YT pi", "YTpi\t", "YTpi\v", "YTpi\u00a0", "YTpi=", "YTpi==", "YTpi\n=", "YTo=", "YTo", "YTo=\n", "YTo\n=",
	"YTo=\r\n\r\n", "YTo==", "YTo=Y", "YTo=\nY", "YTo=YTpi", "YQ==", "YQ==YTpi", "YQ=", "YQ", "Y", "YTpiY", "YTo=YTo=", "YTo=\nYTo=", "YQ==Yjo=", "YQ=\n=", "YQ=\n=\n", "YQ=\n\nY", "YQ= =", "YQ=Y", "=", "==", "====", "=YTpi", "Y=Tpi",
	"YTpp", "YTpj", "YTo7", "YTp=", "YTq=", "YTr", "YTq", "Og==", "Og", "Oh", "OjpiOg", "OmI", "YTo", "bm9jb2xvbg==", "bm9jb2xvbg", "YS06Yi1f", "YT-_", "YT+/", "YTpi*", "*YTpi",
	"YTpi\x00", "é", "YTpié", "YTpi\n\n\n\n\n\n\n\n", "\n", "\r", "\n\n\n\n", "\n=", " ", "YTpiYmJiYmJiYmJiYmJi", "YTpiYmJiYmJi\nYmJiYmJi", "YTpiYmJiYmJi YmJiYmJi", "YTpiYmJiYmJi=YmJiYmJi",
	"YTpiCg==", "YTpiCg", "Cjpi", "YTpi\u2028", "YTpi=\u2003", "YTo=\u0085", "/zr+", "w6k6w6k=", "4oI64oI", "YTpiOmM6ZA==", "OnA=", "dTo=",
}

var cornerPayloads = []string{
	``, ` `, `null`, `true`, `0`, `"x"`, `[]`, `{}`, ` {} `, "\ufeff{}", `{}x`, `{} {}`, `{"auths":null}`, `{"auths":{}}`, `{"auths":[]}`, `{"auths":""}`, `{"auths":1}`,
	`{"auths":{"reg.example":null}}`, `{"auths":{"reg.example":{}}}`, `{"auths":{"reg.example":[]}}`, `{"auths":{"reg.example":"x"}}`, `{"auths":{"reg.example":0}}`,
	`{"auths":{"reg.example":{"auth":null}}}`, `{"auths":{"reg.example":{"auth":""}}}`, `{"auths":{"reg.example":{"auth":1}}}`, `{"auths":{"reg.example":{"auth":{}}}}`,
	`{"auths":{"reg.example":{"email":1}}}`, `{"auths":{"reg.example":{"username":true}}}`, `{"auths":{"reg.example":{"password":[]}}}`, `{"auths":{"reg.example":{"identitytoken":1}}}`,
	`{"auths":{"reg.example":{"username":"a","username":"b"}}}`, `{"auths":{"reg.example":{"username":"a","Username":"b"}}}`, `{"auths":{"reg.example":{"USERNAME":"a","username":null}}}`,
	`{"auths":{"reg.example":{"auth":"YTpi","auth":null}}}`, `{"auths":{"reg.example":{"auth":"YTpi","auth":""}}}`, `{"auths":{"reg.example":{"auth":"!","auth":"YTpi"}}}`,
	`{"auths":{"reg.example":{"username":1,"auth":"!"}}}`, `{"auths":{"reg.example":{"u\u017fername":"a"}}}`, `{"auths":{"reg.example":{"u` + "\u017f" + `ername":"a","pa` + "\u017f\u017f" + `word":"p"}}}`,
	`{"auths":{"reg.example":{"auth":"YTpi"},"reg.example":{"username":"c"}}}`, `{"auths":{"reg.example":{"auth":"YTpi"},"reg.example":null}}`,
	`{"auths":{"reg.example":{"auth":"!"},"reg.example":{"auth":"YTpi"}}}`, `{"auths":{"reg.example":{"auth":"YTpi"}},"auths":{"reg.test":{}}}`,
	`{"auths":{"reg.example":{"auth":"YTpi"}},"auths":null}`, `{"auths":null,"auths":{"reg.example":{"auth":"YTpi"}}}`, `{"auths":{"reg.example":{"auth":"YTpi"}},"AUTHS":{"reg.example":{}}}`,
	`{"auths":{"reg.example":{"auth":"YTpi"}},"auths":[]}`, `{"auths":[],"auths":{"reg.example":{"auth":"!"}}}`, `{"HttpHeaders":1,"auths":{"reg.example":{"auth":"!"}}}`,
	`{"HttpHeaders":null}`, `{"HttpHeaders":{"a":null}}`, `{"HttpHeaders":{"a":1}}`, `{"httpheaders":[]}`, `{"HTTPHEADER\u017f":[]}`, `{"credHelpers":1,"credsStore":{}}`,
	`{"auths":{"reg.example":{"auth":"YTpi"},}}`, `{"auths":{"reg.example":{"auth":"YTpi"}}`, `{"auths":{"reg.example":{"auth":"YTpi`, `{'auths':{}}`, `{"auths":{}}//`, `{"auths"}`, `{"auths":}`,
	`{"reg.example":{"auth":"YTpi"}}`, `{"auths":{"auths":{"reg.example":{"auth":"YTpi"}}}}`, `{"AUTHS":{"reg.example":{"AUTH":"YTpi"}}}`, `{"auth\u0073":{"reg\u002eexample":{"a\u0075th":"YTpi"}}}`,
	`{"auths":{"reg.example":{"username":"\ud83d\ude00","password":"\ud83d"}}}`, `{"auths":{"reg.example":{"username":"\ude00\ud83d","password":"\ud83d\ud83d\ude00"}}}`,
	`{"auths":{"reg.example":{"username":"\ud83d\n","password":"\ud83dx\u00E9\/"}}}`, `{"auths":{"reg.example":{"username":"` + "\xff\xe2\x82" + `","password":"` + "\xf0\x9f\x98\x80\xc0\xaf\xed\xa0\x80" + `"}}}`,
	`{"auths":{"reg.example` + "\xff" + `":{},"reg.example` + "\xfe" + `":{"auth":"YTpi"}}}`, `{"auths":{"reg.example":{"username":"a` + "\x01" + `"}}}`, `{"auths":{"reg.example":{"username":"a` + "\x7f" + `"}}}`, `{"auths":{"reg.example":{"username":"a` + "\x1f" + `"}}}`,
	`{"auths":{"reg.example":{"username":"\a"}}}`, `{"auths":{"reg.example":{"username":"\'"}}}`, `{"auths":{"reg.example":{"username":"\u12"}}}`, `{"auths":{"reg.example":{"username":"\U0041"}}}`,
	`{"x":-}`, `{"x":-0}`, `{"x":00}`, `{"x":0.}`, `{"x":.0}`, `{"x":1e}`, `{"x":1e+}`, `{"x":1E-05}`, `{"x":1e999}`, `{"x":+1}`, `{"x":NaN}`, `{"x":nul}`, `{"x":nulll}`, `{"x":tru`, `{"x":True}`, `{x:1}`, `{"x":1,}`, `{,}`,
	`{"x":[1,]}`, `{"x":[,1]}`, `{"x":[1 2]}`, `{"x":[}}`, `{"x":{]}`, `{"x":"a` + "\n" + `"}`, "{\"x\":\t1\r\n}", "{\"x\":\v1}", "{\"x\":\u00a01}", "\x00", "{}\x00", `{"":{}}`, `{"auths":{"":{}}}`,
	`{"x":` + strings.Repeat("[", 9999) + strings.Repeat("]", 9999) + `}`, `{"x":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `}`,
	`{"auths":{"https://reg.example/v1/":{"auth":"YTpi"},"reg.example":{"auth":"YTpj"},"reg.example/":{"auth":"YTpi"}}}`,
}
