//go:build preview

package pages

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/gin-gonic/gin"

	"resetd/internal/testkit"
	"resetd/internal/web"
	"resetd/internal/words"
	"resetd/templates"
)

func TestPreview(t *testing.T) {
	files, _ := templates.Open("")
	cat, _ := words.Load(files)
	accent, err := web.ParseAccent("#1d4ed8")
	if err != nil { t.Fatal(err) }
	logo := os.Getenv("LOGO")
	assets, err := web.NewAssets(files, accent, logo)
	if err != nil { t.Fatal(err) }
	r, err := web.NewRenderer(files, cat, web.Site{Name: "Example Site", Logo: logo != ""}, assets)
	if err != nil { t.Fatal(err) }
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	all := samples()
	names := slices.Sorted(maps.Keys(all))
	e.Use(func(c *gin.Context) { c.Header("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'") })
	e.GET("/static/*file", r.Handle(assets.Serve))
	e.GET("/p/:n", r.Handle(func(c *gin.Context) error {
		var n int
		fmt.Sscan(c.Param("n"), &n)
		return r.HTML(c, http.StatusOK, all[names[n]].template, all[names[n]].view(t, r.Page(c)))
	}))
	srv := httptest.NewServer(e)
	defer srv.Close()
	ctx := testkit.Browser(t, true)
	out := os.Getenv("OUT")
	only := os.Getenv("ONLY")
	media := func(features ...*emulation.MediaFeature) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
			return err
		})
	}
	for i, name := range names {
		if only != "" && !strings.Contains(","+only+",", ","+name+",") { continue }
		for _, width := range []int64{320, 1280} {
			for _, scheme := range []string{"light", "dark", "forced"} {
				if scheme == "forced" && os.Getenv("FORCED") == "" { continue }
				m := media(&emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme})
				if scheme == "forced" { m = media(&emulation.MediaFeature{Name: "forced-colors", Value: "active"}) }
				h := int64(700)
				if width == 320 { h = 640 }
				err := chromedp.Do(ctx, chromedp.EmulateViewport(width, h), m, chromedp.Navigate(fmt.Sprintf("%s/p/%d", srv.URL, i)))
				if err != nil { t.Fatal(err) }
				if over, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - innerWidth`)); err != nil || over > 0 {
					t.Errorf("%s at %d: wider by %d, %v", name, width, over, err)
				}
				if small, err := chromedp.Run(ctx, chromedp.Evaluate[string](`[...document.querySelectorAll('a,button,input:not([type=hidden]):not(.unseen)')].map(e => [e.textContent||e.id, e.getBoundingClientRect().height]).filter(x => x[1] < 44).map(String).join(' | ')`)); err == nil && small != "" && scheme == "light" {
					t.Logf("%s at %d: small: %s", name, width, small)
				}
				if focus, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.className`)); err == nil && scheme == "light" && strings.Contains(name, "again") {
					t.Logf("%s focus: %s", name, focus)
				}
				png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
				if err != nil { t.Fatal(err) }
				os.WriteFile(fmt.Sprintf("%s/%s_%d_%s.png", out, strings.ReplaceAll(strings.ReplaceAll(name, " ", "-"), ",", ""), width, scheme), png, 0o644)
			}
		}
	}
}
