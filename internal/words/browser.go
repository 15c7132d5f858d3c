package words

import (
	"strconv"

	"github.com/mileusna/useragent"
)

// maxAgent is how many bytes of a User-Agent are parsed.
const maxAgent = 400

// browsers and systems contain all names that can be shown. A stranger may send any
// header, and its text must not reach the reader.
var (
	browsers = map[string]string{
		useragent.Chrome: "Chrome", useragent.HeadlessChrome: "Headless Chrome", useragent.Firefox: "Firefox",
		useragent.Safari: "Safari", useragent.Edge: "Edge", useragent.Opera: "Opera", useragent.OperaMini: "Opera Mini",
		useragent.OperaTouch: "Opera Touch", useragent.Vivaldi: "Vivaldi", useragent.InternetExplorer: "Internet Explorer",
		useragent.SamsungBrowser: "Samsung Internet", "Huawei Browser": "Huawei Browser", "Miui Browser": "Mi Browser",
		"YaBrowser": "Yandex Browser", "UCBrowser": "UC Browser", "DuckDuckGo": "DuckDuckGo", "Brave": "Brave",
		"Android browser": "Android Browser", useragent.FacebookApp: "Facebook", useragent.InstagramApp: "Instagram",
		useragent.TiktokApp: "TikTok",
	}
	systems = map[string]string{
		useragent.Windows: "Windows", useragent.WindowsPhone: "Windows Phone", useragent.Android: "Android",
		useragent.MacOS: "macOS", useragent.IOS: "iOS", useragent.Linux: "Linux", useragent.FreeBSD: "FreeBSD",
		useragent.ChromeOS: "ChromeOS", useragent.BlackBerry: "BlackBerry", useragent.Harmony: "HarmonyOS",
	}
)

// Browser returns a User-Agent in words: "Firefox 140 on Windows".
func (w Words) Browser(agent string) (string, error) {
	if len(agent) > maxAgent {
		agent = agent[:maxAgent]
	}
	parsed := useragent.Parse(agent)
	browser, system := browsers[parsed.Name], systems[parsed.OS]
	if v := parsed.VersionNo.Major; browser != "" && v > 0 && v < 10000 {
		browser += " " + strconv.Itoa(v)
	}
	switch {
	case browser != "" && system != "":
		return w.T("browser_on", "Browser", browser, "System", system)
	case browser != "":
		return browser, nil
	case system != "":
		return w.T("browser_unknown_on", "System", system)
	default:
		return w.T("browser_unknown")
	}
}
