package password

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// refusal returns the one problem of a password, or none.
func refusal(t *testing.T, p string) Problem {
	t.Helper()
	got := (Policy{}).Check(p, p, Person{})
	if len(got) > 1 {
		t.Errorf("Check(%q) = %q, want one problem", p, got)
	}
	if len(got) == 0 {
		return ""
	}
	return got[0]
}

func TestDatesAreRefused(t *testing.T) {
	for _, p := range []string{
		"19901990", "20242025", "01011990", "31121999", "12311999", "19991231", "1990-01-01", "1990/1/1", "01.01.1990", "1.5.1985", "24. 9. 1985!", "01/01/90",
		"31-12-99!", "24122412", "010190010190", "1990 1990", "(1984-2020)", "199019901990", "01.01.1990 01.01.1990", "2024!!2024",
	} {
		if got := refusal(t, p); got != Common && got != Padded {
			t.Errorf("%q: got %q, want it refused", p, got)
		}
	}
	for _, p := range []string{
		"73920518", "31131999", "19901329", "8!4#2@9$7", "9(0)1-9{0}7", "24.09.1985 14:37:52.119", "１２３７８４９１０", "٣١١٢١٩٩٩",
		strings.Repeat("20012001", 31) + "9", // in 2^31 ways
	} {
		if got := refusal(t, p); got != "" {
			t.Errorf("%q: got %q, want it accepted", p, got)
		}
	}
}

func TestWalksOverTheKeyboardAreRefused(t *testing.T) {
	for _, p := range []string{
		"qwertz123456", "qwerty123456", "azerty123456", "123456qwertz", "qwertzuiop", "QWERTZUIOP", "poiuztrewq", "yxcvbnm123", "wxcvbn123456", "qsdfghjklm", "mlkjhgfdsq", "1qay2wsx3edc",
		"1qaz2wsx3edc", "zaq12wsx", "!QAZ2wsx", "q1w2e3r4t5z6", "1a2b3c4d5e", "a1z2e3r4", "qweasdyxc", "qawsedrftg", "qwertz!@#$", "qwer-asdf-1234", "йцукен123456", "фывапролд",
		"qwertz2024!", "Yxcvbn#1987", "azertyuiop99", "!!!asdfghjkl!!!", "123qwe456rtz", "qwertz01.05.1985", "qwertzuiopü1",
	} {
		if got := refusal(t, p); got != Common && got != Padded {
			t.Errorf("%q: got %q, want it refused", p, got)
		}
	}
	for _, p := range []string{"qwertz and azerty", "q7w3z9kd", "werewolves", "property", "typewriter", "greatest", "жжжжжжжж", "ааааабббб", "漢漢漢漢漢漢漢漢", "🐎🐎🐎🐎🐎🐎🐎🐎"} {
		if walks(p) {
			t.Errorf("%q is called a walk", p)
		}
	}
}

func TestNamesWithDigitsAndSymbolsAreRefused(t *testing.T) {
	for _, p := range []string{
		"Katarzyna1", "Katarzyna", "KATARZYNA!", "Łukasz1990", "Lukasz1990", "Małgorzata", "malgorzata77", "François1987", "francois!!", "Jürgen24.09.1985", "Juergen1985!", "Anne-Sophie1",
		"José-Luis1975", "Jean-Pierre1985", "Hans Peter 1960", "hans.juergen1", "Guilherme10", "João@2020", "Søren1988!", "Åsa-1990!", "Gökhan1453", "Iñigo123!!", "Дмитрий1", "Андрей1990", "Олександр", "Zs0fia2001", "Fr4nziska!", "annekeanneke1",
		"Sébastien", "Krzysztof#1", "12Septembre1985", "1-Sep-1985", "Montag2026!", "Frühling2026", "Contraseña1!", "Пароль2026", "María-José99",
		"Netflix2026!", "Wroclaw1!", "Duesseldorf24", "düsseldorf24!", "Ichliebedich1", "Kobenhavn99!", "Kærlighed1", "Schweden2026!",
	} {
		if got := refusal(t, p); got != Common && got != Padded {
			t.Errorf("%q: got %q, want it refused", p, got)
		}
	}
}

// Passwords that a generator makes, and passphrases, must not look like those.
func TestGeneratedPasswordsAndPassphrasesAreAccepted(t *testing.T) {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	random, refused := rand.New(rand.NewPCG(1, 2)), []string{}
	for range 2000 {
		p := make([]byte, 10)
		for i := range p {
			p[i] = letters[random.IntN(len(letters))]
		}
		if refusal(t, string(p)) != "" {
			refused = append(refused, string(p))
		}
	}
	if len(refused) > 1 {
		t.Errorf("%d of 2,000 random passwords are refused: %q", len(refused), refused)
	}
	for _, p := range passphrases {
		if got := refusal(t, p); got != "" {
			t.Errorf("%q: got %q, want it accepted", p, got)
		}
	}
}

var passphrases = []string{
	"correct horse battery staple", "purple elephants dance quietly", "my cat sleeps on Tuesdays", "the kettle boils at seven", "seven green bottles fell", "rain falls mainly on Sundays",
	"Anna met Katarzyna in 1990", "I was born on 24.09.1985 in Riga", "Sommer in Schweden 2026", "grandma bakes poppy seed cake", "three blue chairs, one lamp", "unripe mango marmalade",
	"lend me your umbrella please", "Tuesday's soup was too salty", "orbit-walnut-saddle-ninety", "crispy violin harbour lantern", "do not feed the pelicans", "my first bike was orange",
	"where did the left sock go", "a paper boat on the canal", "sieben rote Heuschrecken hüpfen", "der Zug nach Bremen ist spät", "morgen backe ich Apfelkuchen", "Grüne Gurken im Garten",
	"le chat dort sous la table", "trois pommes et une poire", "mon vélo grince le matin", "il pleut souvent à Brest", "mi perro ladra a las nubes", "tres tristes tigres tragan trigo",
	"la luna sale por el tejado", "o gato subiu no telhado", "pão de queijo com café", "il treno parte alle nove", "quattro gatti sul divano", "moja babcia piecze ciasto",
	"zielone jabłka w koszyku", "kot śpi na parapecie", "de fiets staat tegen de muur", "vijf eenden in de vijver", "kaksi kissaa katolla", "en blå båt på sjøen",
	"мой кот спит на окне", "семь зелёных бутылок", "мій пес боїться грому", "猫は窓の上で寝ている", "我的自行车是橙色的", "고양이가 창문에서 잔다", "القط ينام على النافذة", "החתול ישן על החלון",
}
