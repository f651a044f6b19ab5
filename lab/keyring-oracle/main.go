// The keyring oracle asks the kubelet's own code which credentials it would send for an image.
//
//	go run . --seed 1 --count 5000 > vectors.jsonl   the corner cases and random ones up to the count, answered
//	go run . --answer < cases.jsonl > vectors.jsonl  answers cases from standard input
//
// A vector is one JSON object a line; README.md describes its form.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"strings"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/credentialprovider"
	"k8s.io/kubernetes/pkg/credentialprovider/secrets"
	"k8s.io/kubernetes/pkg/util/parsers"
)

type secret struct {
	Name string            `json:"name"`
	Type string            `json:"type"`
	Data map[string][]byte `json:"data"`
}

type cred struct {
	Username      string
	Password      string
	Auth          string
	ServerAddress string
	IdentityToken string
	RegistryToken string
	Secret        string
}

type vector struct {
	Secrets []secret `json:"secrets"`
	Image   string   `json:"image"`
	Error   string   `json:"error,omitempty"`
	Found   bool     `json:"found"`
	Creds   []cred   `json:"creds"`
}

func main() {
	seed := flag.Uint64("seed", 1, "seed of the random cases")
	count := flag.Int("count", 1000, "number of cases, the fixed corner cases among them")
	answerOnly := flag.Bool("answer", false, "answer the cases on standard input")
	flag.Parse()

	// The keyring logs every key that it cannot read.
	logging := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(logging)
	for name, value := range map[string]string{"logtostderr": "false", "alsologtostderr": "false", "stderrthreshold": "FATAL"} {
		if err := logging.Set(name, value); err != nil {
			log.Fatal(err)
		}
	}
	klog.SetOutput(io.Discard)

	out := bufio.NewWriter(os.Stdout)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	write := func(v vector) {
		answer(&v)
		if err := enc.Encode(v); err != nil {
			log.Fatal(err)
		}
	}
	if *answerOnly {
		dec := json.NewDecoder(os.Stdin)
		for {
			var v vector
			if err := dec.Decode(&v); err == io.EOF {
				break
			} else if err != nil {
				log.Fatal(err)
			}
			write(v)
		}
	} else {
		g := generator{rand.New(rand.NewPCG(*seed, 0x6b657974))}
		fixed := corners()
		for i := range *count {
			if i < len(fixed) {
				write(fixed[i])
			} else {
				write(g.vector())
			}
		}
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

// answer fills in what the kubelet does: EnsureImageExists and makeLookupPullCredentialsFunc of
// pkg/kubelet/images/image_manager.go, with a node keyring that is empty.
func answer(v *vector) {
	v.Error, v.Found, v.Creds = "", false, []cred{}
	image, err := applyDefaultImageTag(v.Image)
	if err != nil {
		v.Error = err.Error()
		return
	}
	repoToPull, _, _, err := parsers.ParseImageName(image)
	if err != nil {
		v.Error = err.Error()
		return
	}
	var pullSecrets []v1.Secret
	for _, s := range v.Secrets {
		pullSecrets = append(pullSecrets, v1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: s.Name, Namespace: "ns", UID: types.UID(s.Name)},
			Type:       v1.SecretType(s.Type),
			Data:       s.Data,
		})
	}
	node := credentialprovider.UnionDockerKeyring{&credentialprovider.BasicDockerKeyring{}}
	keyring, err := secrets.MakeDockerKeyring(pullSecrets, node)
	if err != nil {
		v.Error = err.Error()
		return
	}
	found, ok := keyring.Lookup(repoToPull)
	v.Found = ok
	for _, c := range found {
		// These six fields are all that PullImage of kuberuntime_image.go hands to the runtime.
		out := cred{
			Username:      c.Username,
			Password:      c.Password,
			Auth:          c.Auth,
			ServerAddress: c.ServerAddress,
			IdentityToken: c.IdentityToken,
			RegistryToken: c.RegistryToken,
		}
		if c.Source != nil && c.Source.Secret != nil {
			out.Secret = c.Source.Secret.Name
		}
		v.Creds = append(v.Creds, out)
	}
}

// applyDefaultImageTag is the unexported function of the same name in pkg/kubelet/images/image_manager.go.
func applyDefaultImageTag(image string) (string, error) {
	_, tag, digest, err := parsers.ParseImageName(image)
	if err != nil {
		return "", err
	}
	if len(digest) == 0 && len(tag) > 0 && !strings.HasSuffix(image, ":"+tag) {
		image = image + ":" + tag
	}
	return image, nil
}
