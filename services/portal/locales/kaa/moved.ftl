moved-title = Xızmet ózgerdi
moved-text = Arzańızdı baslaǵanıńızdan keyin xızmet qaǵıydaları jańalandı. Sáykes keletuǵın juwaplarıńız saqlandı.
moved-added = Jańa sorawlar
moved-invalid = Endi tuwrı kelmeytuǵın juwaplar – olardı dúzetiń
moved-dropped = Endi soralmaytuǵın juwaplar – olar jiberilmeydi
moved-unnamed = Burınǵı soraw
question-new = Jańa soraw
draft-until = Dawam etilmese, { $value } kúni óshiriledi
